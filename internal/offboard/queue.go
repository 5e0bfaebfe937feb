package offboard

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"
)

const (
	// poll is how often a process looks for what others left behind.
	poll = 5 * time.Second
	// carryIn bounds what a request waits for: what takes longer is finished behind it.
	carryIn = 10 * time.Second
	// Young is how old an order has to be before another process takes it on: its own is still busy with it.
	Young = 15 * time.Second
	// again is when an order is looked at once more. What was inside an engine when it was carried out, on whatever
	// process, is over by then: no listener lets a request take so long.
	again = 90 * time.Second
	// slack is by how much the clocks of two processes may differ.
	slack = 5 * time.Second
	// longest is the longest pause after a failure.
	longest = 5 * time.Minute
	batch   = 50
)

// Kratos is what a Queue asks of Kratos.
type Kratos interface {
	// EndAccess ends the sessions of a person but one, and the codes and links under way. With before, those that
	// began until then.
	EndAccess(ctx context.Context, person, keep string, before time.Time) (Ended, error)
	// Active reports whether there is such a person who may sign in.
	Active(ctx context.Context, person string) (bool, error)
}

// Hydra is what a Queue asks of Hydra.
type Hydra interface {
	// EndAccess ends sessions, consents, tokens and codes of a person; applications are told as they are at a
	// sign-out. With before, what began until then.
	EndAccess(ctx context.Context, person string, before time.Time) (Ended, error)
}

// Config is what a Queue works with.
type Config struct {
	Log  *slog.Logger
	Rows Rows
	// After is told of each order when it was carried out, once as a rule; nil tells nobody. What it fails at is carried
	// out again.
	After func(ctx context.Context, o Order, e Ended) error
}

// Stats count since the start of the process.
type Stats struct {
	// Done are orders that were carried out, Failed attempts that were not.
	Done, Failed uint64
}

// Queue carries out orders.
type Queue struct {
	cfg    Config
	kratos Kratos
	hydra  Hydra
	wake   chan struct{}

	mu    sync.Mutex
	later []Order
	stats Stats
}

// New returns a Queue. Run does its work.
func New(cfg Config) *Queue { return &Queue{cfg: cfg, wake: make(chan struct{}, 1)} }

// Connect says where the engines are, which need the Queue first. It comes before everything that asks them.
func (q *Queue) Connect(k Kratos, h Hydra) { q.kratos, q.hydra = k, h }

// Stats returns the numbers.
func (q *Queue) Stats() Stats {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.stats
}

// Note writes an order down where it becomes necessary. Whoever does it calls Carry or Later afterwards.
func (q *Queue) Note(exec func(query string, args ...any) error, o Order) error {
	return q.cfg.Rows.Note(exec, o)
}

// Do writes an order down and carries it out. With an error it is under way, unless Unwritten says otherwise.
func (q *Queue) Do(ctx context.Context, o Order) (Ended, error) {
	o.Noted = time.Now()
	if !o.Valid() {
		return Ended{}, fmt.Errorf("ending access: the order is of nobody, or has the reason %q", o.Reason)
	}
	if err := q.cfg.Rows.Add(ctx, o); err != nil {
		return Ended{}, fmt.Errorf("%w: %w", ErrUnwritten, err)
	}
	return q.carry(ctx, o)
}

// Carry carries out orders that are written down. What fails is tried again by Run, here or elsewhere.
func (q *Queue) Carry(ctx context.Context, orders []Order) {
	if len(orders) == 0 {
		return
	}
	// A browser that goes away changes nothing about it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), carryIn)
	defer cancel()
	for _, o := range orders {
		// The error is in the log, and the order is due again.
		_, _ = q.carry(ctx, o)
	}
}

// Later is Carry, behind the caller.
func (q *Queue) Later(o Order) {
	q.mu.Lock()
	q.later = append(q.later, o)
	q.mu.Unlock()
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// Run works until ctx ends.
func (q *Queue) Run(ctx context.Context) {
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-q.wake:
			q.Handed(ctx)
		case <-tick.C:
			q.left(ctx)
		}
	}
}

// Handed carries out what was handed to Later.
func (q *Queue) Handed(ctx context.Context) {
	q.mu.Lock()
	orders := q.later
	q.later = nil
	q.mu.Unlock()
	q.Carry(ctx, orders)
}

// left takes on what is due: what a process that is gone left behind, what failed, and what was done a while ago.
func (q *Queue) left(ctx context.Context) {
	orders, err := q.cfg.Rows.Due(ctx, time.Now(), batch)
	if err != nil {
		q.cfg.Log.DebugContext(ctx, "orders to end access cannot be read", "err", err)
		return
	}
	q.Carry(ctx, orders)
}

func pause(attempts int) time.Duration {
	p := min(time.Duration(1)<<min(attempts, 10)*time.Second, longest)
	return p/2 + rand.N(p/2)
}
