package stack

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"

	"example.com/identityd/internal/store"
)

// The leases. Their names are in the database, and in the log of whoever waits for one.
const (
	leaseStart   = "start"
	leaseCourier = "courier"
	leaseRegions = "regions"
	leaseJanitor = "janitor"
	leaseSecrets = "secrets"
)

// leaseConnections is the most that our own tables use: one for each lease that is held, one for heartbeats,
// and what the queues write.
const leaseConnections = 7

// turns lets one process of an installation at a time do what two would spoil: migrate, make the
// tenant's row and the keys, send mail, clean up (docs/ory-quirks.md#q31). Without leases, on SQLite,
// it lets everybody: one process owns the file.
type turns struct {
	// db is Kratos' database, where our own tables are; nil for one in memory, which has none.
	db      *sql.DB
	dialect store.Dialect
	leases  *store.Leases
}

// openTurns opens the database of our own tables. They may not be there yet.
func (s *Stack) openTurns(dsn store.DSN) (turns, error) {
	if dsn.Memory() {
		return turns{}, nil
	}
	db, err := store.Open(dsn, "")
	if err != nil {
		return turns{}, fmt.Errorf("opening the leases: %w", err)
	}
	db.SetMaxOpenConns(leaseConnections)
	t := turns{db: db, dialect: dsn.Dialect()}
	if t.dialect != store.SQLite && !s.opts.WithoutLeases {
		t.leases = store.NewLeases(db, t.dialect, s.holder(), s.log)
		s.metrics.watchLeases(t.leases.Stats)
	}
	return t, nil
}

// holder names this process for people who read the lease table.
func (s *Stack) holder() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%s/%d/%s", host, os.Getpid(), s.cfg.Region)
}

// alone runs f while nobody else of the installation runs one of the same name. Its context ends when
// that cannot be promised any longer.
func (t turns) alone(ctx context.Context, name string, f func(context.Context) error) (err error) {
	if t.leases == nil {
		return f(ctx)
	}
	lease, err := t.leases.Acquire(ctx, name)
	if err != nil {
		return fmt.Errorf("waiting for the lease %s: %w", name, err)
	}
	defer func() {
		// Not ctx: a lease that is given back late makes the next process wait for its end.
		err = errors.Join(err, lease.Release(context.WithoutCancel(ctx)))
	}()
	return f(lease.Context())
}

// always runs f whenever this process has the lease, and waits for it otherwise, until ctx ends.
func (t turns) always(ctx context.Context, name string, f func(context.Context) error) error {
	if t.leases == nil {
		return f(ctx)
	}
	err := t.leases.Run(ctx, name, f)
	if ctx.Err() != nil && errors.Is(err, context.Cause(ctx)) {
		return nil
	}
	return err
}

func (t turns) close() error {
	if t.db == nil {
		return nil
	}
	return t.db.Close()
}
