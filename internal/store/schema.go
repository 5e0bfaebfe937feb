package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"example.com/identityd/internal/sqlseam"
)

// SQLSTATEs of CREATE that meets another CREATE of the same thing.
const (
	stateDuplicateTable  = "42P07"
	stateDuplicateObject = "42710"
	stateUnknownTable    = "42P01"
)

// MigrateOwn brings our own tables, all named identityd_*, up to date in one database. It may run in
// many processes at once, on an empty database too, and needs no right to create anything when there
// is nothing to do. Steps of a newer release are left alone.
func MigrateOwn(ctx context.Context, db *sql.DB, d Dialect) error {
	return MigrateOwnAs(ctx, db, d, "")
}

// MigrateOwnAs is MigrateOwn, and records with each step the release that made it.
func MigrateOwnAs(ctx context.Context, db *sql.DB, d Dialect, release string) error {
	for attempt := 1; ; attempt++ {
		err := migrateOwn(ctx, db, d, release)
		if err == nil {
			return nil
		}
		if attempt == txAttempts || !createdMeanwhile(err) {
			return fmt.Errorf("migrating identityd tables: %w", err)
		}
		if err := pause(ctx, attempt, err); err != nil {
			return fmt.Errorf("migrating identityd tables: %w", err)
		}
	}
}

// createdMeanwhile reports a race with another process. IF NOT EXISTS does not prevent it: PostgreSQL
// looks first and inserts into its catalog later, where a unique index refuses the second one.
func createdMeanwhile(err error) bool {
	switch sqlState(err) {
	case stateUnique, stateDuplicateTable, stateDuplicateObject:
		return true
	}
	return sqlseam.Classify(err) == sqlseam.Retryable
}

func migrateOwn(ctx context.Context, db *sql.DB, d Dialect, release string) error {
	version, err := ownVersion(ctx, db)
	if isMissingTable(err, d) {
		_, err = db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS identityd_schema (
			version BIGINT PRIMARY KEY,
			name TEXT NOT NULL,
			release TEXT NOT NULL DEFAULT '',
			compatible_from BIGINT NOT NULL DEFAULT 0,
			applied_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)`)
	}
	if err != nil {
		return err
	}
	steps := ownMigrations(d)
	for n := version + 1; n <= len(steps); n++ {
		if err := steps[n-1].apply(ctx, db, d, n, release); err != nil {
			return fmt.Errorf("applying step %d (%s): %w", n, steps[n-1].name, err)
		}
	}
	return nil
}

func ownVersion(ctx context.Context, db *sql.DB) (int, error) {
	var version int
	err := db.QueryRowContext(ctx, "SELECT COALESCE(max(version), 0) FROM identityd_schema").Scan(&version)
	return version, err
}

func isMissingTable(err error, d Dialect) bool {
	if d == SQLite { // it has no code of its own
		return err != nil && strings.Contains(err.Error(), "no such table")
	}
	return sqlState(err) == stateUnknownTable
}

// TableMissing says that a statement failed because there is no such table.
func TableMissing(err error, d Dialect) bool { return err != nil && isMissingTable(err, d) }

func (m migration) apply(ctx context.Context, db *sql.DB, d Dialect, number int, release string) error {
	if d == Cockroach {
		// CockroachDB 25.1 and newer commit before each DDL statement, so that a record written first
		// could outlive a statement that fails.
		if err := m.run(ctx, db); err != nil {
			return err
		}
		_, err := m.record(ctx, db, number, release)
		return err
	}
	return Tx(ctx, db, d, func(tx *sql.Tx) error {
		// Recorded first: a second process waits here until this one has committed, and then has nothing
		// to do.
		if first, err := m.record(ctx, tx, number, release); err != nil || !first {
			return err
		}
		return m.run(ctx, tx)
	})
}

type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

func (m migration) run(ctx context.Context, e execer) error {
	for _, s := range m.statements {
		if _, err := e.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func (m migration) record(ctx context.Context, e execer, number int, release string) (first bool, err error) {
	res, err := e.ExecContext(ctx, `INSERT INTO identityd_schema (version, name, release, compatible_from)
		VALUES ($1, $2, $3, $4) ON CONFLICT (version) DO NOTHING`, number, m.name, release, m.compatibleFrom)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}
