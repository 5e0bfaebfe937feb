package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Lease is the right to do something alone, for as long as its context lives.
type Lease struct {
	leases *Leases
	name   string
	fence  int64
	guard  guard

	ctx    context.Context // handed out; a lease is a lifetime
	cancel context.CancelCauseFunc
	stop   context.CancelFunc // ends the heartbeat
	done   chan struct{}      // closed when the heartbeat has ended
	expiry *time.Timer
	once   sync.Once

	end  sync.Once // the first of loss and release
	lost atomic.Bool
}

// hold starts to keep a lease that was taken after the instant before.
func (l *Leases) hold(ctx context.Context, name string, fence int64, g guard, before time.Time) *Lease {
	lease := &Lease{leases: l, name: name, fence: fence, guard: g, done: make(chan struct{})}
	lease.ctx, lease.cancel = context.WithCancelCause(ctx)
	// Not a child of ctx: the work is still winding down when that has ended.
	alive, stop := context.WithCancel(context.WithoutCancel(ctx))
	lease.stop = stop
	l.stats.acquired(name, fence)
	if l.off {
		lease.expiry = time.AfterFunc(time.Hour, func() {})
		close(lease.done)
		return lease
	}
	// A timer of its own, because a heartbeat may hang for longer than the lease stands. It counts from
	// before the statement was sent, which is earlier than any instant the database can have used.
	lease.expiry = time.AfterFunc(l.safe()-time.Since(before), func() {
		lease.lose(alive, errors.New("no heartbeat has succeeded in time"))
	})
	go lease.keep(alive)
	l.log.InfoContext(ctx, "acquired a lease", "lease", name, "fence", fence)
	return lease
}

// Context returns the context of the work. It ends with the cause ErrLeaseLost before the lease can
// belong to somebody else, with that of its parent, and with Release.
func (l *Lease) Context() context.Context { return l.ctx }

// Fence returns the number of this lease: 1 for the first one of its name, and one more for each that
// follows.
func (l *Lease) Fence() int64 { return l.fence }

// Release ends the context and lets the next one in. The work has to have ended. After an error the
// lease expires by itself. A lease that was lost has to be released too; a second call does nothing.
func (l *Lease) Release(ctx context.Context) error {
	var err error
	l.once.Do(func() { err = l.release(ctx) })
	return err
}

func (l *Lease) release(ctx context.Context) error {
	l.stop()
	<-l.done
	l.expiry.Stop() // not earlier: a heartbeat that succeeds sets it again
	l.end.Do(func() {})
	l.cancel(context.Canceled)
	l.leases.stats.released(l.name, l.fence)
	if l.leases.off {
		return nil
	}
	// Also when it was lost: the row may be ours still, and if it is not, the fence keeps us off it.
	err := l.leases.rows.release(ctx, l.name, l.fence)
	if l.guard != nil {
		// Of a lease that was lost its connection is the likely reason.
		if closed := l.guard.close(ctx); !l.lost.Load() {
			err = errors.Join(err, closed)
		}
	}
	if err != nil {
		return fmt.Errorf("releasing lease %s: %w", l.name, err)
	}
	return nil
}

// keep sends heartbeats until ctx ends or the lease is lost. One that fails is repeated soon: what
// counts is that one succeeds in time.
func (l *Lease) keep(ctx context.Context) {
	defer close(l.done)
	pause := l.leases.heartbeat
	for {
		if Sleep(ctx, pause) != nil {
			return
		}
		before := time.Now()
		mine, err := l.beat(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && mine:
			l.leases.log.WarnContext(ctx, "a heartbeat of a lease failed", "lease", l.name, "err", err)
			pause = l.leases.heartbeat / 5
		case err != nil:
			l.lose(ctx, err)
			return
		default:
			l.expiry.Reset(l.leases.safe() - time.Since(before))
			l.leases.stats.renewed(l.name)
			pause = l.leases.heartbeat
		}
	}
}

// beat renews the lease and says whether it may be ours still.
func (l *Lease) beat(ctx context.Context) (mine bool, err error) {
	try, cancel := context.WithTimeout(ctx, l.leases.heartbeat)
	defer cancel()
	mine, err = l.leases.rows.renew(try, l.name, l.fence, l.leases.ttl)
	if err != nil {
		return true, err
	}
	if !mine {
		return false, errors.New("somebody else has taken it")
	}
	if l.guard == nil {
		return true, nil
	}
	if err := l.guard.check(try); err != nil {
		return false, err // a connection that was lost does not come back
	}
	return true, nil
}

func (l *Lease) lose(ctx context.Context, why error) {
	l.end.Do(func() {
		l.lost.Store(true)
		l.cancel(fmt.Errorf("%w: %w", ErrLeaseLost, why))
		l.stop()
		l.leases.stats.lost(l.name, l.fence)
		l.leases.log.WarnContext(ctx, "lost a lease", "error_code", "lease_lost", "lease", l.name, "fence", l.fence, "err", why)
	})
}
