package store

import (
	"context"
	"database/sql"
	"fmt"
	"hash/fnv"
	"strconv"
	"time"
)

// guard is what a holder has besides its row, or nil. The guard of PostgreSQL keeps a second holder
// out even when the clock of the database is set forward.
type guard interface {
	check(ctx context.Context) error
	close(ctx context.Context) error
}

// noGuard is for databases where the row is all there is.
func noGuard(context.Context, string, time.Duration) (guard, bool, error) { return nil, true, nil }

// advisory is an advisory lock of PostgreSQL, held by an open transaction on a connection of its own.
// It is a lock of the transaction rather than of the session, so that it also holds behind pgbouncer,
// which may give each transaction of a session another server.
type advisory struct {
	tx  *sql.Tx
	end context.CancelFunc
}

// advisoryGuard returns the function that takes the lock of a name, or reports that somebody has it.
func advisoryGuard(db *sql.DB) func(context.Context, string, time.Duration) (guard, bool, error) {
	return func(ctx context.Context, name string, ttl time.Duration) (guard, bool, error) {
		a, ok, err := lockAdvisory(ctx, db, name, ttl)
		if a == nil {
			return nil, ok, err
		}
		return a, ok, err
	}
}

func lockAdvisory(ctx context.Context, db *sql.DB, name string, ttl time.Duration) (_ *advisory, ok bool, err error) {
	// The transaction outlives the try that ctx bounds.
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	unbind := context.AfterFunc(ctx, end)
	// READ COMMITTED has no snapshot between statements and so holds up neither VACUUM nor CREATE INDEX
	// CONCURRENTLY, whatever the default of the database is.
	tx, err := db.BeginTx(life, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		end()
		return nil, false, fmt.Errorf("beginning transaction of advisory lock: %w", err)
	}
	a := &advisory{tx: tx, end: end}
	defer func() {
		if !ok {
			a.close(ctx) //nolint:errcheck // nothing is held yet
		}
		if err != nil && ctx.Err() != nil { // the driver saw only that life ended
			err = context.Cause(ctx)
		}
	}()
	// A stopped process keeps its connections: the kernel answers keepalives for it. So the server has
	// to end the session of a holder that says nothing.
	if _, err := tx.ExecContext(ctx, "SELECT set_config('idle_in_transaction_session_timeout', $1, true)",
		strconv.FormatInt(ttl.Milliseconds(), 10)); err != nil {
		return nil, false, fmt.Errorf("bounding advisory lock: %w", err)
	}
	// Not the variant that waits: it waits with a snapshot, and CREATE INDEX CONCURRENTLY of the holder
	// would wait for that.
	if err := tx.QueryRowContext(ctx, "SELECT pg_try_advisory_xact_lock($1)", advisoryKey(name)).Scan(&ok); err != nil {
		return nil, false, fmt.Errorf("taking advisory lock: %w", err)
	}
	if !ok {
		return nil, false, nil
	}
	if !unbind() {
		return nil, false, context.Cause(ctx)
	}
	return a, true, nil
}

func advisoryKey(name string) int64 {
	h := fnv.New64a()
	h.Write([]byte("identityd_lease:" + name))
	return int64(h.Sum64()) //nolint:gosec // any 64 bits will do
}

// check reports whether the connection that holds the lock lives.
func (a *advisory) check(ctx context.Context) error {
	if _, err := a.tx.ExecContext(ctx, "SELECT 1"); err != nil {
		return fmt.Errorf("checking advisory lock: %w", err)
	}
	return nil
}

func (a *advisory) close(ctx context.Context) error {
	// When ctx ends first, the connection is closed instead, which unlocks as well.
	stop := context.AfterFunc(ctx, a.end)
	defer stop()
	defer a.end()
	if err := a.tx.Rollback(); err != nil {
		return fmt.Errorf("releasing advisory lock: %w", err)
	}
	return nil
}
