package ory

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Ceiling bounds how many passwords or secrets are hashed at once. A hash takes a core for tens of
// milliseconds, and its memory: without a bound whoever sends enough of them keeps everything else from
// being answered (docs/ory-quirks.md#q79). A nil Ceiling bounds nothing.
//
// Requests that will hash wait at the door, where they hold nothing, and no longer than patience; the few
// behind it wait for their turn at the hash itself.
type Ceiling struct {
	slots, door chan struct{}
	patience    time.Duration

	hashes, turned atomic.Uint64
	waiting        atomic.Int64
}

// behindDoor is how many requests are let in for each hash that may run: their own statements take longer
// than the hash on a far database.
const behindDoor = 8

// NewCeiling returns one for n hashes at once.
func NewCeiling(n int, patience time.Duration) *Ceiling {
	n = max(n, 1)
	return &Ceiling{slots: make(chan struct{}, n), door: make(chan struct{}, n*behindDoor), patience: patience}
}

// CeilingStats count since the start, but for Running and Waiting, which are of now.
type CeilingStats struct {
	Slots, Running, Waiting int
	Hashes, Turned          uint64
}

// Stats returns what was counted.
func (c *Ceiling) Stats() CeilingStats {
	if c == nil {
		return CeilingStats{}
	}
	return CeilingStats{
		Slots: cap(c.slots), Running: len(c.slots), Waiting: int(c.waiting.Load()),
		Hashes: c.hashes.Load(), Turned: c.turned.Load(),
	}
}

type ceilingKey struct{}

// Middleware puts every request under the ceiling, and makes those wait at the door that will hash. Whose
// patience ends is answered by busy.
func (c *Ceiling) Middleware(next http.Handler, hashes func(*http.Request) bool, busy http.HandlerFunc) http.Handler {
	if c == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		concerned := hashes(r) // first, for it may look into the body
		in := r.WithContext(context.WithValue(r.Context(), ceilingKey{}, c))
		if !concerned {
			next.ServeHTTP(w, in)
			return
		}
		if !readBody(w, in) {
			return
		}
		waits := below(r.Context(), "waiting at the door of hashes")
		entered := c.enter(r.Context())
		end(waits)
		if !entered {
			c.turned.Add(1)
			busy(w, r)
			return
		}
		defer func() { <-c.door }()
		next.ServeHTTP(w, in.WithContext(holding(in.Context(), doorKey{c}, c.door)))
	})
}

func (c *Ceiling) enter(ctx context.Context) bool {
	select {
	case c.door <- struct{}{}:
		return true
	default:
	}
	c.waiting.Add(1)
	defer c.waiting.Add(-1)
	patience := time.NewTimer(c.patience)
	defer patience.Stop()
	select {
	case c.door <- struct{}{}:
		return true
	case <-patience.C:
	case <-ctx.Done():
	}
	return false
}

// hash waits for a turn, and returns what ends it. It does not listen to the end of a request: who hangs up
// is hashed for all the same, and must not be so beside the others. The door bounds how many wait.
func (c *Ceiling) hash() (done func()) {
	if c == nil {
		return func() {}
	}
	c.waiting.Add(1)
	c.slots <- struct{}{}
	c.waiting.Add(-1)
	c.hashes.Add(1)
	return sync.OnceFunc(func() { <-c.slots })
}

func ceilingFrom(ctx context.Context) *Ceiling {
	c, _ := ctx.Value(ceilingKey{}).(*Ceiling)
	return c
}
