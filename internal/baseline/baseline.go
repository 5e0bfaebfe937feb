package baseline

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"strings"

	"example.com/identityd/internal/store"
)

// A dialect without a file is migrated step by step.
//
//go:embed sql/*.sql
var files embed.FS

// Baseline is the schema of one engine on one kind of database. Its zero value applies to nothing.
type Baseline struct {
	dialect store.Dialect
	script  string
}

// For returns what was built in for an engine (hydra or kratos), and whether there is anything.
func For(engine string, d store.Dialect) (Baseline, bool) {
	script, err := files.ReadFile("sql/" + File(engine, d))
	if err != nil {
		return Baseline{}, false
	}
	return New(d, string(script)), true
}

// New returns a baseline of a script: statements that need no parameter, and find their schema by the
// search_path.
func New(d store.Dialect, script string) Baseline { return Baseline{dialect: d, script: script} }

// File names the file of one engine on one kind of database.
func File(engine string, d store.Dialect) string { return engine + "." + string(d) + ".sql" }

// Apply makes the schema if the database is empty, and reports whether it did. It is one transaction:
// after a crash the database is empty still. Tables of ours (identityd_*) do not count, nor do those
// of PostgreSQL's extensions; anything else does, wherever the search_path leads: such a database is
// left to the migrations.
//
// On CockroachDB that is so only where the connection has autocommit_before_ddl off, as the one of the
// migrations has.
//
// Two processes must not do it at once. On SQLite the file's lock sees to it, elsewhere the lease of
// the migrations.
func (b Baseline) Apply(ctx context.Context, db *sql.DB) (made bool, err error) {
	if strings.TrimSpace(b.script) == "" {
		return false, nil
	}
	err = store.Tx(ctx, db, b.dialect, func(tx *sql.Tx) error {
		made = false // a repetition may meet what another process has made meanwhile
		empty, err := isEmpty(ctx, tx, b.dialect)
		if err != nil {
			return fmt.Errorf("looking for tables: %w", err)
		}
		if !empty {
			return nil
		}
		// At once: without parameters all drivers take many statements, and PostgreSQL answers once.
		if _, err := tx.ExecContext(ctx, b.script); err != nil {
			return fmt.Errorf("making the tables: %w", err)
		}
		made = true
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("applying the baseline: %w", err)
	}
	return made, nil
}
