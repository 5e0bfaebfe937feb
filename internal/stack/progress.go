package stack

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Progress is how far the migrations are.
type Progress struct {
	// Done of Total migrations of both databases have come through.
	Done, Total int
	// Engine and Name are those of the one that runs.
	Engine, Name string
	// Elapsed is the time since the first began.
	Elapsed time.Duration
}

// How often a log says how far it is. 676 lines would say no more than these.
const progressEvery = 5 * time.Second

// progress tells readiness, the log and whoever watches how far the migrations are.
type progress struct {
	s       *Stack
	began   time.Time
	pending map[string]int

	mu      sync.Mutex
	now     Progress
	settled int // of the engines that are through
	seen    int // of the engine that runs
}

func (s *Stack) newProgress(l look) *progress {
	p := &progress{s: s, began: time.Now(), pending: map[string]int{}}
	for name, state := range l.engines {
		p.pending[name] = len(state.Pending)
		p.now.Total += len(state.Pending)
	}
	return p
}

// at notes that a migration begins.
func (p *progress) at(engine, name string) {
	p.mu.Lock()
	p.now.Engine, p.now.Name = engine, name
	p.now.Done = p.settled + p.seen
	p.seen++
	p.mu.Unlock()
	p.tell()
}

// skip notes that the first n of the engine that runs are not needed.
func (p *progress) skip(n int) {
	p.mu.Lock()
	p.seen = n
	p.mu.Unlock()
}

// finished notes that an engine is through, however it got there.
func (p *progress) finished(engine string) {
	p.mu.Lock()
	p.settled, p.seen = p.settled+p.pending[engine], 0
	p.now.Done, p.now.Name = p.settled, ""
	p.mu.Unlock()
	p.tell()
}

func (p *progress) tell() {
	now := p.current()
	p.s.waiting(fmt.Sprintf("migrating %d of %d", now.Done, now.Total))
	if p.s.opts.OnMigrating != nil {
		p.s.opts.OnMigrating(now)
	}
}

func (p *progress) current() Progress {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now
	now.Elapsed = time.Since(p.began)
	return now
}

// watch says in the log from time to time where it stands, until the function it returns is called. One
// statement may take minutes.
func (p *progress) watch(ctx context.Context) (stop func()) {
	if p.now.Total == 0 {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				now := p.current()
				p.s.log.InfoContext(ctx, "migrating", "engine", now.Engine, "migration", now.Name,
					"done", now.Done, "total", now.Total, "elapsed", now.Elapsed.Round(time.Second).String())
			}
		}
	})
	return func() { cancel(); wg.Wait() }
}
