package move

import (
	"context"
	"database/sql"

	"example.com/identityd/internal/store"
)

// LeaseCopy is held in the target while a copy into it runs.
const LeaseCopy = "copy"

// copyFences makes the leases of the target go on counting where those of the source were: rows that
// were written under a lease keep its number. Nobody holds them there.
func (r *run) copyFences(ctx context.Context, source querier) error {
	c, err := readCatalog(ctx, source, r.From)
	if err != nil {
		return err
	}
	if _, ok := c.tables["identityd_lease"]; !ok {
		return nil
	}
	fences, err := texts(ctx, source, "SELECT name, fence FROM identityd_lease")
	if err != nil {
		return err
	}
	never := "'1970-01-01 00:00:00+00'"
	if r.To == store.SQLite {
		never = "0"
	}
	return store.Tx(ctx, r.ledger.db, r.To, func(tx *sql.Tx) error {
		for _, f := range fences {
			if f[0] == LeaseCopy {
				continue // is held, with a number of its own
			}
			_, err := tx.ExecContext(ctx, `INSERT INTO identityd_lease (name, holder, fence, expires_at) VALUES ($1, '', $2, `+never+`)
				ON CONFLICT (name) DO UPDATE SET fence = excluded.fence WHERE excluded.fence > identityd_lease.fence`,
				f[0], number(f[1]))
			if err != nil {
				return err
			}
		}
		return nil
	})
}
