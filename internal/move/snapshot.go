package move

import (
	"context"
	"database/sql"
	"fmt"

	"example.com/identityd/internal/store"
)

// snapshot is a database as it was at one moment: a transaction that only reads. end gives it back.
type snapshot struct {
	*sql.Tx
	end func()
}

// openSnapshot freezes what is read. PostgreSQL and SQLite take the picture with the first statement.
// CockroachDB is asked for the moment first: a transaction that reads the past disturbs nobody, and
// nobody makes it start over.
func openSnapshot(ctx context.Context, db *sql.DB, d store.Dialect) (*snapshot, error) {
	if d == store.SQLite {
		return begin(ctx, db, nil, "SELECT count(*) FROM sqlite_master")
	}
	options := &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	if d != store.Cockroach {
		return begin(ctx, db, options, "SELECT count(*) FROM networks")
	}
	var now string
	if err := db.QueryRowContext(ctx, "SELECT cluster_logical_timestamp()::string").Scan(&now); err != nil {
		return nil, fmt.Errorf("asking for the time of the cluster: %w", err)
	}
	return begin(ctx, db, &sql.TxOptions{ReadOnly: true}, "SET TRANSACTION AS OF SYSTEM TIME '"+now+"'")
}

func begin(ctx context.Context, db *sql.DB, o *sql.TxOptions, first string) (*snapshot, error) {
	// Not ctx: at its end database/sql would roll back under the rows that are being read.
	tx, err := db.BeginTx(context.WithoutCancel(ctx), o)
	if err != nil {
		return nil, fmt.Errorf("beginning to read: %w", err)
	}
	if _, err := tx.ExecContext(ctx, first); err != nil {
		tx.Rollback() //nolint:errcheck // the error that led here is the one to tell
		return nil, fmt.Errorf("beginning to read: %w", err)
	}
	return &snapshot{Tx: tx, end: func() { tx.Rollback() }}, nil //nolint:errcheck // nothing was written
}
