package revoke

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"
)

const (
	// pause is how often what waits is tried. Every process looks for the rows of all: one may be gone.
	pause = 5 * time.Second
	// most bounds the memory. Beyond it somebody replays tokens faster than the database says no.
	most = 10_000
	// each bounds one attempt.
	each = 10 * time.Second
)

// Rows keeps families beyond the life of a process. All methods may fail while the database is away.
type Rows interface {
	Add(ctx context.Context, family string) error
	List(ctx context.Context, limit int) ([]string, error)
	Remove(ctx context.Context, family string) error
}

// Config is what a Queue works with.
type Config struct {
	Log *slog.Logger
	// Rows may be nil: then families are lost with the process.
	Rows Rows
	// Revoke ends the tokens of one family. It may be called twice for one.
	Revoke func(ctx context.Context, family string) error
}

// Stats count since the start of the process.
type Stats struct {
	// Waiting is how many families this process knows that are not revoked yet.
	Waiting int
	// Added and Done count families; Done those of other processes too.
	Added, Done uint64
}

// Queue revokes what could not be revoked at once.
type Queue struct {
	cfg  Config
	wake chan struct{}

	mu      sync.Mutex
	waiting map[string]bool // whether the family has a row
	stats   Stats
}

// New returns a Queue. Run does its work.
func New(cfg Config) *Queue {
	return &Queue{cfg: cfg, wake: make(chan struct{}, 1), waiting: map[string]bool{}}
}

// Add takes a family. It is written down before Add returns, if the database takes it.
func (q *Queue) Add(ctx context.Context, family string) {
	stored := q.store(ctx, family)
	q.mu.Lock()
	full := len(q.waiting) >= most
	if !full {
		q.waiting[family] = stored
	}
	q.stats.Added++
	q.mu.Unlock()
	if full && !stored {
		q.cfg.Log.ErrorContext(ctx, "revocation lost: too many are waiting", "waiting", most)
		return
	}
	q.cfg.Log.WarnContext(ctx, "revocation queued", "stored", stored)
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// Stats returns the numbers.
func (q *Queue) Stats() Stats {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := q.stats
	s.Waiting = len(q.waiting)
	return s
}

// Run works until ctx ends, and then once more: what waits in memory alone would be lost.
func (q *Queue) Run(ctx context.Context) {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			q.last(context.WithoutCancel(ctx))
			return
		case <-q.wake:
		case <-tick.C:
		}
		q.work(ctx)
	}
}

func (q *Queue) last(ctx context.Context) {
	if q.Stats().Waiting == 0 {
		return
	}
	const grace = 2 * time.Second
	ctx, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	q.work(ctx)
	lost := 0
	q.mu.Lock()
	for _, stored := range q.waiting {
		if !stored {
			lost++
		}
	}
	q.mu.Unlock()
	if lost > 0 {
		q.cfg.Log.ErrorContext(ctx, "revocations lost: the database was away until the end", "lost", lost)
	}
}

// work tries everything that is known once.
func (q *Queue) work(ctx context.Context) {
	for _, family := range q.known(ctx) {
		if ctx.Err() != nil {
			return
		}
		if err := q.try(ctx, family); err != nil {
			// Most likely the next one fails as well, and each takes its time.
			q.cfg.Log.DebugContext(ctx, "revocation failed again", "err", err)
			return
		}
	}
}

func (q *Queue) try(ctx context.Context, family string) error {
	ctx, cancel := context.WithTimeout(ctx, each)
	defer cancel()
	q.mu.Lock()
	stored, mine := q.waiting[family]
	q.mu.Unlock()
	if mine && !stored && q.store(ctx, family) {
		q.mu.Lock()
		q.waiting[family] = true
		q.mu.Unlock()
	}
	if err := q.cfg.Revoke(ctx, family); err != nil {
		return err
	}
	if q.cfg.Rows != nil {
		if err := q.cfg.Rows.Remove(ctx, family); err != nil {
			return err
		}
	}
	q.mu.Lock()
	delete(q.waiting, family)
	q.stats.Done++
	q.mu.Unlock()
	q.cfg.Log.InfoContext(ctx, "revocation done")
	return nil
}

func (q *Queue) store(ctx context.Context, family string) bool {
	if q.cfg.Rows == nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, each)
	defer cancel()
	if err := q.cfg.Rows.Add(ctx, family); err != nil {
		q.cfg.Log.WarnContext(ctx, "revocation cannot be written down, kept in memory", "err", err)
		return false
	}
	return true
}

// known returns the families of this process and those with a row.
func (q *Queue) known(ctx context.Context) []string {
	q.mu.Lock()
	all := maps.Clone(q.waiting)
	q.mu.Unlock()
	if q.cfg.Rows != nil {
		ctx, cancel := context.WithTimeout(ctx, each)
		defer cancel()
		rows, err := q.cfg.Rows.List(ctx, most)
		if err != nil {
			q.cfg.Log.DebugContext(ctx, "waiting revocations cannot be read", "err", err)
		}
		for _, family := range rows {
			all[family] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}
