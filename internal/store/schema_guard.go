package store

import (
	"context"
	"database/sql"
	"fmt"
)

// Schema tells how far our own tables are, and with them the whole of both databases: a release appends
// a step whenever it changes anything in them, the engines' tables included.
type Schema struct {
	// Version is the number of the last step in the database, 0 in one that identityd has never seen.
	Version int `json:"version"`
	// Known is the number of steps of this binary.
	Known int `json:"known"`
	// Release made the last step.
	Release string `json:"release,omitempty"`
	// CompatibleFrom is the least Known that steps beyond ours ask for.
	CompatibleFrom int `json:"compatible_from"`
}

// ReadSchema asks the database of Kratos. It needs no right but to read, and makes nothing.
func ReadSchema(ctx context.Context, db *sql.DB, d Dialect) (Schema, error) {
	s := Schema{Known: len(ownMigrations(d))}
	rows, err := db.QueryContext(ctx, "SELECT version, release, compatible_from FROM identityd_schema ORDER BY version")
	if err != nil {
		if isMissingTable(err, d) {
			return s, nil
		}
		return s, fmt.Errorf("reading how far identityd's tables are: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		compatible := 0
		if err := rows.Scan(&s.Version, &s.Release, &compatible); err != nil {
			return s, fmt.Errorf("reading how far identityd's tables are: %w", err)
		}
		if s.Version > s.Known {
			s.CompatibleFrom = max(s.CompatibleFrom, compatible)
		}
	}
	if err := rows.Err(); err != nil {
		if isMissingTable(err, d) { // SQLite finds out at the first row
			return s, nil
		}
		return s, fmt.Errorf("reading how far identityd's tables are: %w", err)
	}
	return s, nil
}

// Pending is how many steps of ours the database lacks.
func (s Schema) Pending() int { return max(0, s.Known-s.Version) }

// Newer reports a database that a newer release has brought up to date.
func (s Schema) Newer() bool { return s.Version > s.Known }

// Admits reports whether this binary may serve on a newer schema.
func (s Schema) Admits() bool { return !s.Newer() || s.Known >= s.CompatibleFrom }

// NewestRelease is what to call the release that made the last step.
func (s Schema) NewestRelease() string {
	if s.Release == "" {
		return "the release that migrated it"
	}
	return "identityd " + s.Release
}

// OwnStep is one step of our own tables.
type OwnStep struct {
	Name       string
	Statements []string
}

// OwnSteps returns all of them, in their order.
func OwnSteps(d Dialect) []OwnStep {
	var out []OwnStep
	for _, m := range ownMigrations(d) {
		out = append(out, OwnStep{m.name, m.statements})
	}
	return out
}
