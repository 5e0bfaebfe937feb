package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// leaseRows is the table of leases. A row is never deleted: its fence has to grow for ever. The
// statements name no holder in their conditions because a fence has only one.
type leaseRows interface {
	// free reports whether the lease may be taken, without locking anything.
	free(ctx context.Context, name string, ttl time.Duration) (bool, error)
	// take gives the lease to holder when it is free or expired; a fence of 0 says that it is not.
	take(ctx context.Context, name, holder string, ttl time.Duration) (fence int64, err error)
	// renew reports false when somebody else has taken the lease. One that expired without being taken
	// is renewed: the fence proves that nobody was in between.
	renew(ctx context.Context, name string, fence int64, ttl time.Duration) (bool, error)
	release(ctx context.Context, name string, fence int64) error
}

// sqlRows reads no clock but the database's: the clocks of replicas differ. But a clock that was set back would
// keep the lease of a dead process for as much longer; so one that nobody renewed for its whole time, by the
// monotonic clock of who waits, is free too.
type sqlRows struct {
	watch   *leaseWatch
	db      *sql.DB
	dialect Dialect
	now     string // SQL of the present instant
	later   string // SQL of the instant $%d milliseconds from now
	never   string // SQL of an instant that is always past, whichever way the clock is set
}

func newSQLRows(db *sql.DB, d Dialect) sqlRows {
	if d == SQLite {
		now := "CAST(round(unixepoch('now', 'subsec') * 1000) AS INTEGER)"
		return sqlRows{&leaseWatch{}, db, d, now, now + " + $%d", "0"}
	}
	return sqlRows{&leaseWatch{}, db, d, "now()", "now() + $%d::bigint * interval '1 millisecond'", "'1970-01-01 00:00:00+00'"}
}

func (r sqlRows) free(ctx context.Context, name string, ttl time.Duration) (bool, error) {
	asked := time.Now()
	var free bool
	var seen leaseSeen
	err := r.db.QueryRowContext(ctx, "SELECT expires_at <= "+r.now+", fence, CAST(expires_at AS TEXT) FROM identityd_lease WHERE name = $1",
		name).Scan(&free, &seen.fence, &seen.ends)
	if errors.Is(err, sql.ErrNoRows) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return free || r.watch.still(name, seen, asked, ttl), nil
}

func (r sqlRows) take(ctx context.Context, name, holder string, ttl time.Duration) (int64, error) {
	dead := r.watch.dead(name, ttl)
	var fence int64
	err := Tx(ctx, r.db, r.dialect, func(tx *sql.Tx) error {
		fence = 0 // a try before this one may have set it and not committed
		err := tx.QueryRowContext(ctx, "INSERT INTO identityd_lease (name, holder, fence, expires_at)"+
			" VALUES ($1, $2, 1, "+fmt.Sprintf(r.later, 3)+")"+
			" ON CONFLICT (name) DO UPDATE SET holder = excluded.holder,"+
			" fence = identityd_lease.fence + 1, expires_at = excluded.expires_at"+
			" WHERE identityd_lease.expires_at <= "+r.now+
			" OR (identityd_lease.fence = $4 AND CAST(identityd_lease.expires_at AS TEXT) = $5) RETURNING fence",
			name, holder, ttl.Milliseconds(), dead.fence, dead.ends).Scan(&fence)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	return fence, nil
}

func (r sqlRows) renew(ctx context.Context, name string, fence int64, ttl time.Duration) (bool, error) {
	return r.update(ctx, "UPDATE identityd_lease SET expires_at = "+fmt.Sprintf(r.later, 1)+
		" WHERE name = $2 AND fence = $3 AND holder <> ''", ttl.Milliseconds(), name, fence)
}

func (r sqlRows) release(ctx context.Context, name string, fence int64) error {
	_, err := r.update(ctx, "UPDATE identityd_lease SET holder = '', expires_at = "+r.never+
		" WHERE name = $1 AND fence = $2", name, fence)
	return err
}

func (r sqlRows) update(ctx context.Context, query string, args ...any) (bool, error) {
	var n int64
	err := Tx(ctx, r.db, r.dialect, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, query, args...)
		if err != nil {
			return err
		}
		n, err = res.RowsAffected()
		return err
	})
	return n == 1, err
}
