package ory

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gobuffalo/pop/v6"
)

// legacyVersion is how much of a version older releases of the engines recorded.
const legacyVersion = 14

// SchemaState tells which migrations of one engine a database has.
type SchemaState struct {
	Applied int
	// Pending are those to come, in their order.
	Pending []Step
	// Newer are versions in the database beyond every one that this binary knows, and Unknown older ones
	// that it does not know.
	Newer, Unknown []string
}

// State asks the database which migrations it has.
func (m *Migrations) State(ctx context.Context) (SchemaState, error) {
	var rows []string
	err := m.conn.WithContext(ctx).RawQuery("SELECT version FROM " + m.table()).All(&rows)
	if err != nil && !MissingTable(err) {
		return SchemaState{}, fmt.Errorf("reading which migrations the %s database has: %w", m.engine, err)
	}
	return m.StateOf(rows), nil
}

// StateOf compares what a database has recorded, for those who have read that by themselves.
func (m *Migrations) StateOf(rows []string) SchemaState {
	recorded := map[string]bool{}
	for _, v := range rows {
		recorded[v] = true
	}
	var s SchemaState
	known := map[string]bool{}
	for _, step := range m.steps {
		known[step.Version], known[legacy(step.Version)] = true, true
		if recorded[step.Version] || recorded[legacy(step.Version)] {
			s.Applied++
		} else {
			s.Pending = append(s.Pending, step)
		}
	}
	newest := m.steps[len(m.steps)-1].Version
	for _, v := range rows {
		switch {
		case known[v]:
		case v > newest:
			s.Newer = append(s.Newer, v)
		default:
			s.Unknown = append(s.Unknown, v)
		}
	}
	slices.Sort(s.Newer)
	slices.Sort(s.Unknown)
	return s
}

// Unopened is a connection to a kind of database that nobody opens, to list the migrations for.
func Unopened(dialect string) (*pop.Connection, error) {
	c, err := pop.NewConnection(&pop.ConnectionDetails{URL: dialect + "://localhost/unopened?_fk=true"})
	if err != nil {
		return nil, fmt.Errorf("listing migrations for %s: %w", dialect, err)
	}
	return c, nil
}

func (m *Migrations) table() string { return m.conn.MigrationTableName() }

func legacy(version string) string { return version[:min(legacyVersion, len(version))] }

// MissingTable reports a statement about a table that does not exist.
func MissingTable(err error) bool {
	var state interface{ SQLState() string }
	if errors.As(err, &state) {
		return state.SQLState() == "42P01"
	}
	return strings.Contains(err.Error(), "no such table") // SQLite has no code for it
}
