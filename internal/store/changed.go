package store

import (
	"context"
	"database/sql"
	"fmt"
)

// changed runs one statement in a transaction of its own and returns how many rows it changed. What it is for
// begins the error.
func changed(ctx context.Context, db *sql.DB, d Dialect, what, query string, args ...any) (n int64, err error) {
	err = Tx(ctx, db, d, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, query, args...)
		if err != nil {
			return err
		}
		n, err = result.RowsAffected()
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("%s: %w", what, err)
	}
	return n, nil
}
