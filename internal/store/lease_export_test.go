package store

import (
	"context"
	"database/sql"
	"time"
)

// SwitchOff makes every try succeed, so that a test can prove that it would notice.
func (l *Leases) SwitchOff() *Leases {
	l.off = true
	return l
}

// ByTheDatabaseAlone frees leases by the database's clock and nothing else.
func (l *Leases) ByTheDatabaseAlone() *Leases {
	if rows, ok := l.rows.(sqlRows); ok {
		rows.watch.off = true
	}
	return l
}

// ModelRows are the statements of leases on a clock that the test sets: the column at of model_clock.
type ModelRows struct{ rows sqlRows }

// NewModelRows returns the statements for the tables of db.
func NewModelRows(db *sql.DB, d Dialect) ModelRows {
	rows := newSQLRows(db, d)
	rows.later = "(SELECT at FROM model_clock)" + rows.later[len(rows.now):]
	rows.now = "(SELECT at FROM model_clock)"
	return ModelRows{rows}
}

// Free asks whether a lease may be taken.
func (m ModelRows) Free(ctx context.Context, name string) (bool, error) {
	return m.rows.free(ctx, name, time.Hour)
}

// Take takes a lease.
func (m ModelRows) Take(ctx context.Context, name, holder string, ttl time.Duration) (int64, error) {
	return m.rows.take(ctx, name, holder, ttl)
}

// Renew renews a lease.
func (m ModelRows) Renew(ctx context.Context, name string, fence int64, ttl time.Duration) (bool, error) {
	return m.rows.renew(ctx, name, fence, ttl)
}

// Release releases a lease.
func (m ModelRows) Release(ctx context.Context, name string, fence int64) error {
	return m.rows.release(ctx, name, fence)
}
