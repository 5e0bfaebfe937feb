package stack

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/store"
)

// The leases. Their names are in the database, and in the log of whoever waits for one.
const (
	leaseMigrations = "migrations"
	leaseStart      = "start"
	leaseCourier    = "courier"
)

// turns lets one process of an installation at a time do what two would spoil: migrate, make the
// tenant's row and the keys, send mail (docs/ory-quirks.md#q31). Its zero value, for SQLite, lets
// everybody: one process owns the file.
type turns struct {
	db     *sql.DB
	leases *store.Leases
}

// openTurns makes our own tables where there are none and it may.
func (s *Stack) openTurns(ctx context.Context, dsn store.DSN) (turns, error) {
	if dsn.Dialect() == store.SQLite {
		return turns{}, nil
	}
	db, err := store.Open(dsn, "")
	if err != nil {
		return turns{}, fmt.Errorf("opening the leases: %w", err)
	}
	// One for each lease that is held, and one for their heartbeats.
	db.SetMaxOpenConns(4)
	err = s.makeOwnTables(ctx, db, dsn.Dialect())
	if err != nil {
		return turns{}, errors.Join(fmt.Errorf("making the tables of identityd: %w", err), db.Close())
	}
	return turns{db: db, leases: store.NewLeases(db, dsn.Dialect(), s.holder(), s.log)}, nil
}

// makeOwnTables waits, where this process may not migrate, for one that may.
func (s *Stack) makeOwnTables(ctx context.Context, db *sql.DB, d store.Dialect) error {
	said := false
	for {
		err := store.MigrateOwn(ctx, db, d)
		if err == nil || s.cfg.Database.Migrate != config.MigrateWait {
			return err
		}
		s.readiness.Starting("waiting for migrations")
		if !said {
			s.log.WarnContext(ctx, "waiting for migrations; run identityd migrate", "err", err)
			said = true
		}
		if err := pause(ctx, schemaPoll); err != nil {
			return err
		}
	}
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
