package signout

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

const (
	// poll is how often a process looks for what others left behind.
	poll = 5 * time.Second
	// settleIn bounds what a request waits for: what takes longer is finished behind it.
	settleIn = 5 * time.Second
	// young is how old an ending has to be before another process takes it on: its own is still busy with it.
	young = 10 * time.Second
)

// Session is a session of Kratos that ended, of the person Subject. Without ID, all that are not alive.
type Session struct{ Subject, ID string }

// Login is a session of Hydra. Provider is the session of Kratos that it came of; empty when unknown.
type Login struct{ ID, Provider string }

// Hydra is what a Queue asks of Hydra.
type Hydra interface {
	// Logins returns the sessions of a person; with a session of Kratos those that came of it.
	Logins(ctx context.Context, s Session) ([]Login, error)
	// EndLogin ends one, and returns the addresses that its applications want opened in the browser. It
	// hands those that want to be told by back channel to Queue.Tell.
	EndLogin(ctx context.Context, subject, id string) (frames []string, err error)
	// Tell tells a client once that a session ended. It reports false when there is nobody to tell any longer.
	Tell(ctx context.Context, m Message) (told bool, err error)
}

// Kratos is what a Queue asks of Kratos.
type Kratos interface {
	// Alive says which of a person's sessions are. The empty id asks for the person.
	Alive(ctx context.Context, subject string, ids []string) (map[string]bool, error)
}

// Config is what a Queue works with.
type Config struct {
	Log  *slog.Logger
	Rows Rows
}

// Stats count since the start of the process, but for Waiting, which is what the database held when it
// was last asked.
type Stats struct {
	Waiting               int
	Sent, Failed, GivenUp uint64
}

// Queue ends and tells.
type Queue struct {
	cfg    Config
	hydra  Hydra
	kratos Kratos
	wake   chan struct{}

	mu    sync.Mutex
	later []Session
	stats Stats
	// busy are the clients that are being told.
	busy map[string]bool

	telling sync.WaitGroup
}

// New returns a Queue. Run does its work.
func New(cfg Config) *Queue {
	return &Queue{cfg: cfg, wake: make(chan struct{}, 1), busy: map[string]bool{}}
}

// Connect says where the engines are, which need the Queue first. It comes before everything that asks them.
func (q *Queue) Connect(h Hydra, k Kratos) { q.hydra, q.kratos = h, k }

// Stats returns the numbers.
func (q *Queue) Stats() Stats {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.stats
}

func (q *Queue) count(f func(*Stats)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	f(&q.stats)
}

func (q *Queue) hurry() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// Run works until ctx ends. What is under way then is finished, within bounds; the rest has its row.
func (q *Queue) Run(ctx context.Context) {
	defer q.telling.Wait()
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-q.wake:
			q.handed(ctx)
		case <-tick.C:
			q.left(ctx)
		}
		q.deliver(ctx)
	}
}

// Finish does once what Run does, if there is something to do, and waits for it: for a process that ends.
func (q *Queue) Finish(ctx context.Context) {
	select {
	case <-q.wake:
		q.handed(ctx)
		q.deliver(ctx)
		q.telling.Wait()
	default:
	}
}
