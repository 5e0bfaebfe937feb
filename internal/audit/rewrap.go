package audit

import (
	"context"
	"database/sql"
	"fmt"

	"example.com/identityd/internal/store"
)

// rewrapBatch is how many keys are wrapped anew in one transaction.
const rewrapBatch = 100

// Wrapped counts the keys of people by the place of the secret that wraps them, -1 for none of these.
func Wrapped(ctx context.Context, db *sql.DB, wraps [][]byte) (map[int]int64, error) {
	rows, err := db.QueryContext(ctx, "SELECT wrap_id, count(*) FROM identityd_audit_key WHERE erased_ms = 0 GROUP BY wrap_id")
	if err != nil {
		return nil, fmt.Errorf("counting the keys of the audit trail: %w", err)
	}
	defer rows.Close()
	out := map[int]int64{}
	for rows.Next() {
		var (
			id string
			n  int64
		)
		if err := rows.Scan(&id, &n); err != nil {
			return nil, fmt.Errorf("counting the keys of the audit trail: %w", err)
		}
		at := -1
		for i, w := range wraps {
			if wrapID(w) == id {
				at = i
			}
		}
		out[at] += n
	}
	return out, rows.Err()
}

// Rewrap wraps with the first of the secrets the keys of people that one of the others wraps, and returns how
// many. What they open stays as it is: only so can an old secret go and the trail be read.
func Rewrap(ctx context.Context, db *sql.DB, d store.Dialect, wraps [][]byte) (done int64, err error) {
	for _, old := range wraps[min(1, len(wraps)):] {
		for {
			n, err := rewrapSome(ctx, db, d, old, wraps[0])
			if err != nil {
				return done, fmt.Errorf("wrapping the keys of the audit trail anew: %w", err)
			}
			if done += n; n == 0 {
				break
			}
		}
	}
	return done, nil
}

func rewrapSome(ctx context.Context, db *sql.DB, d store.Dialect, old, first []byte) (done int64, err error) {
	err = store.Tx(ctx, db, d, func(tx *sql.Tx) error {
		done = 0
		list, err := wrappedBy(ctx, tx, wrapID(old))
		if err != nil {
			return err
		}
		for name, text := range list {
			key, err := unwrapped(old, text, name)
			if err != nil {
				return err
			}
			next, err := wrapped(first, key, name)
			if err != nil {
				return err
			}
			res, err := tx.ExecContext(ctx, "UPDATE identityd_audit_key SET wrapped = $1, wrap_id = $2 WHERE name = $3 AND wrapped = $4",
				next, wrapID(first), name, text)
			if err != nil {
				return err
			}
			n, err := res.RowsAffected()
			if err != nil {
				return err
			}
			done += n
		}
		return nil
	})
	return done, err
}

func wrappedBy(ctx context.Context, tx *sql.Tx, id string) (map[string]string, error) {
	rows, err := tx.QueryContext(ctx, "SELECT name, wrapped FROM identityd_audit_key WHERE wrap_id = $1 AND erased_ms = 0 LIMIT $2", id, rewrapBatch)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			return nil, err
		}
		out[name] = text
	}
	return out, rows.Err()
}
