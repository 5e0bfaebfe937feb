package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"example.com/identityd/internal/sqlseam"
)

// The times of a lease: how long it stands without a heartbeat, and how often that comes.
const (
	leaseTTL       = 30 * time.Second
	leaseHeartbeat = 10 * time.Second
)

// releaseTimeout bounds the release of a lease whose work has ended. What is not released expires.
const releaseTimeout = 5 * time.Second

// ErrLeaseLost is the cause of the end of Lease.Context when the lease is not held any longer.
var ErrLeaseLost = errors.New("the lease is lost")

// Leases hands out leases on names, of which one process of the installation holds each at a time. The
// rows are in the table identityd_lease, which MigrateOwn makes.
//
// No lease can stop a process that was suspended from doing one more step when it wakes up. Writes
// that must not happen then have to carry Lease.Fence and be refused when a higher one has been seen.
type Leases struct {
	rows           leaseRows
	guard          func(context.Context, string, time.Duration) (guard, bool, error)
	holder         string
	log            *slog.Logger
	ttl, heartbeat time.Duration
	stats          leaseStats
	off            bool // tests prove with it that they would notice
}

// NewLeases returns leases in the database of Kratos. holder names this process for people. On
// PostgreSQL each lease that is held keeps one connection of db, and its heartbeat needs another.
func NewLeases(db *sql.DB, d Dialect, holder string, log *slog.Logger) *Leases {
	l := &Leases{
		rows: newSQLRows(db, d), guard: noGuard, holder: holder, log: log, ttl: leaseTTL, heartbeat: leaseHeartbeat,
	}
	if d == Postgres {
		l.guard = advisoryGuard(db)
	}
	if l.holder == "" {
		l.holder = "unnamed" // the empty name marks a row that was released
	}
	return l
}

// WithTimes replaces the 30 s that a lease stands and the 10 s between heartbeats, before the first
// use. All processes should agree on them. A heartbeat is never rarer than a third of ttl.
func (l *Leases) WithTimes(ttl, heartbeat time.Duration) *Leases {
	l.ttl, l.heartbeat = ttl, min(heartbeat, ttl/3)
	return l
}

// safe is how long a holder may trust a lease: shorter than it stands, because the clocks of the nodes
// of a CockroachDB cluster differ by up to half a second, and because work needs a moment to stop.
func (l *Leases) safe() time.Duration { return l.ttl - l.ttl/6 }

// poll is the pause of those who wait: a thirtieth of the time that a lease stands, with jitter.
func (l *Leases) poll() time.Duration { return l.ttl/60 + rand.N(l.ttl/30) }

// Acquire waits for the lease until ctx ends, also while the database is away. The lease's context
// is a child of ctx; the caller has to call Release in any case.
func (l *Leases) Acquire(ctx context.Context, name string) (*Lease, error) {
	var last error
	for {
		lease, err := l.TryAcquire(ctx, name)
		if lease != nil {
			return lease, nil
		}
		if err != nil && ctx.Err() == nil {
			if sqlseam.Classify(err) == sqlseam.Answer {
				return nil, err
			}
			if last == nil {
				l.log.WarnContext(ctx, "waiting for the database to acquire a lease", "lease", name, "err", err)
			}
		}
		last = err
		if err := Sleep(ctx, l.poll()); err != nil {
			if last != nil {
				return nil, fmt.Errorf("waiting for lease %s: %w (%v)", name, err, last) //nolint:errorlint // the end of ctx decides
			}
			return nil, fmt.Errorf("waiting for lease %s: %w", name, err)
		}
	}
}

// TryAcquire is Acquire without waiting. It returns nil and no error when somebody else has the lease.
func (l *Leases) TryAcquire(ctx context.Context, name string) (*Lease, error) {
	if err := context.Cause(ctx); err != nil {
		return nil, fmt.Errorf("acquiring lease %s: %w", name, err)
	}
	if l.off {
		return l.hold(ctx, name, 0, nil, time.Now()), nil
	}
	try, cancel := context.WithTimeout(ctx, min(tryTimeout, l.safe()))
	defer cancel()
	lease, err := l.try(ctx, try, name)
	if err != nil {
		return nil, fmt.Errorf("acquiring lease %s: %w", name, err)
	}
	return lease, nil
}

// try makes a lease of which the context is a child of ctx, and is done with the database before short
// ends. Most tries of those who wait end at the first statement, which locks nothing.
func (l *Leases) try(ctx, short context.Context, name string) (*Lease, error) {
	if free, err := l.rows.free(short, name, l.ttl); !free || err != nil {
		return nil, err
	}
	g, ok, err := l.guard(short, name, l.ttl)
	if !ok || err != nil {
		return nil, err
	}
	before := time.Now()
	fence, err := l.rows.take(short, name, l.holder, l.ttl)
	if err == nil && fence > 0 {
		return l.hold(ctx, name, fence, g, before), nil
	}
	if g != nil {
		if closing := g.close(short); err == nil {
			err = closing
		}
	}
	return nil, err
}

// Run runs fn while this process holds the lease. When the lease is lost, the context of fn ends and,
// after fn has returned, Run waits for the lease anew. It returns what fn returns otherwise, or the
// cause of the end of ctx when that comes while it waits.
func (l *Leases) Run(ctx context.Context, name string, fn func(context.Context) error) error {
	for {
		lease, err := l.Acquire(ctx, name)
		if err != nil {
			return err
		}
		lost, err := l.runOnce(lease, fn)
		if !lost || ctx.Err() != nil {
			return err
		}
		if err != nil {
			l.log.WarnContext(ctx, "work ended with its lease", "lease", name, "err", err)
		}
	}
}

func (l *Leases) runOnce(lease *Lease, fn func(context.Context) error) (lost bool, err error) {
	defer func() {
		lost = lease.lost.Load()
		// Also when the process is about to stop: the next one should not have to wait for the expiry.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(lease.Context()), releaseTimeout)
		defer cancel()
		if released := lease.Release(ctx); released != nil {
			l.log.WarnContext(ctx, "the lease was not released and will expire", "lease", lease.name, "err", released)
		}
	}()
	return false, fn(lease.Context())
}
