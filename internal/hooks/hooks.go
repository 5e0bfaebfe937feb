package hooks

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Hook is one address that is called.
type Hook struct {
	// Name is what operators, and waiting messages, call it.
	Name string
	On   []Event
	URL  string
	// Keys sign: each call has a signature by each of them.
	Keys [][]byte
	// Blocking has a request wait for the first attempt to tell of an .after event. An event that decides is always
	// waited for.
	Blocking bool
	Timeout  time.Duration
	// Allow lets things happen when the receiver of an event that decides cannot be asked.
	Allow bool
	// Traits sends the traits of the person.
	Traits bool

	places chan struct{}
}

// waiting bounds how many requests wait for one receiver. A receiver that hangs must not take all of ours along.
const waiting = 16

// Config is what Hooks work with.
type Config struct {
	Log  *slog.Logger
	Rows Rows
	// Way is the way out.
	Way http.RoundTripper
	// Agent is the User-Agent of calls.
	Agent string
	// Request returns the id of a request.
	Request func(context.Context) string
}

// Stats count since the start of the process, but for Waiting and Dead, which are what the database held when it
// was last asked.
type Stats struct {
	Waiting, Dead         int
	Sent, Failed, GivenUp uint64
	// Refused are the questions that a receiver answered by no, Unasked those that it did not answer.
	Asked, Refused, Unasked uint64
}

// Hooks call. Become says whom.
type Hooks struct {
	cfg    Config
	client *http.Client
	list   atomic.Pointer[[]*Hook]
	wake   chan struct{}

	mu    sync.Mutex
	stats Stats
	// busy are the hooks that are being told.
	busy map[string]bool

	telling sync.WaitGroup
}

// New returns Hooks that call nobody yet. Run does what goes on behind requests.
func New(cfg Config) *Hooks {
	h := &Hooks{cfg: cfg, wake: make(chan struct{}, 1), busy: map[string]bool{}}
	h.client = &http.Client{Transport: cfg.Way, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // what is signed is for one address
	}}
	h.list.Store(new([]*Hook))
	return h
}

// Become takes the place of the hooks of before. What waits for one that is gone waits for its name to come back.
func (h *Hooks) Become(list []Hook) {
	next := make([]*Hook, 0, len(list))
	for _, one := range list {
		one.places = make(chan struct{}, waiting)
		next = append(next, &one)
	}
	h.list.Store(&next)
	h.hurry()
}

// All returns the hooks in force.
func (h *Hooks) All() []Hook {
	var out []Hook
	for _, one := range *h.list.Load() {
		out = append(out, *one)
	}
	return out
}

// Wants reports whether anybody is called at an event.
func (h *Hooks) Wants(e Event) bool { return h != nil && len(h.on(e)) > 0 }

// Request returns the id of the request of ctx.
func (h *Hooks) Request(ctx context.Context) string {
	if h.cfg.Request == nil {
		return ""
	}
	return h.cfg.Request(ctx)
}

// Any reports whether there are hooks at all.
func (h *Hooks) Any() bool { return h != nil && len(*h.list.Load()) > 0 }

func (h *Hooks) on(e Event) (out []*Hook) {
	for _, one := range *h.list.Load() {
		if slices.Contains(one.On, e) {
			out = append(out, one)
		}
	}
	return out
}

func (h *Hooks) named(name string) *Hook {
	for _, one := range *h.list.Load() {
		if one.Name == name {
			return one
		}
	}
	return nil
}

// Stats returns the numbers.
func (h *Hooks) Stats() Stats {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.stats
}

func (h *Hooks) count(f func(*Stats)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f(&h.stats)
}

func (h *Hooks) hurry() {
	select {
	case h.wake <- struct{}{}:
	default:
	}
}
