package kratos

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
)

// serializer lets one request at a time into Kratos. On SQLite Kratos writes through a second
// connection while a transaction is open on the first, so that no setting of the database prevents
// "database is locked" and self-made deadlocks (docs/ory-quirks.md#q24).
//
// Nothing slow happens while it is held: bodies are read before, answers are written after, calls to
// Hydra let go of it (outside), and Kratos' sleeps are replaced by Pad.
type serializer struct{ slot chan struct{} }

func newSerializer() *serializer { return &serializer{slot: make(chan struct{}, 1)} }

type heldKey struct{}

// do runs f while holding the slot. A nil serializer, or a context that holds it already, runs it at
// once. It gives up when ctx ends first, and says so.
func (s *serializer) do(ctx context.Context, f func()) bool {
	if s == nil || held(ctx) {
		f()
		return true
	}
	select {
	case s.slot <- struct{}{}:
	case <-ctx.Done():
		return false
	}
	defer func() { <-s.slot }()
	f()
	return true
}

// outside lets go of the slot for a call to Hydra, which may come back to DisableSession.
func (s *serializer) outside(ctx context.Context, call func()) {
	h, _ := ctx.Value(heldKey{}).(*atomic.Bool)
	if s == nil || h == nil || !h.Load() {
		call()
		return
	}
	h.Store(false)
	<-s.slot
	// Taken again without looking at ctx: the request goes on inside Kratos whatever became of its
	// caller, and must not do so beside another.
	defer func() { s.slot <- struct{}{}; h.Store(true) }()
	call()
}

func held(ctx context.Context) bool {
	h, _ := ctx.Value(heldKey{}).(*atomic.Bool)
	return h != nil && h.Load()
}

// middleware serializes next. A nil serializer returns next itself.
func (s *serializer) middleware(next http.Handler) http.Handler {
	if s == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if readOnly(r) {
			next.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		var tooLarge *http.MaxBytesError
		switch {
		case errors.As(err, &tooLarge):
			http.Error(w, http.StatusText(http.StatusRequestEntityTooLarge), http.StatusRequestEntityTooLarge)
			return
		case err != nil:
			http.Error(w, http.StatusText(http.StatusBadRequest), http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		var mine atomic.Bool
		mine.Store(true)
		in := r.WithContext(context.WithValue(r.Context(), heldKey{}, &mine))
		out := newBuffer()
		if !s.do(r.Context(), func() { next.ServeHTTP(out, in) }) {
			http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
			return
		}
		out.flush(w)
	})
}

// readOnly are the requests that only read, which need not wait. A session is read by many
// applications at once.
func readOnly(r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	p := r.URL.Path
	return p == "/sessions/whoami" || strings.HasPrefix(p, "/schemas") || strings.HasPrefix(p, "/health/") ||
		strings.HasPrefix(p, "/.well-known/")
}
