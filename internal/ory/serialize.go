package ory

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
)

// Serializer lets one request at a time into an engine. On SQLite both engines write through a second
// connection while a transaction is open on the first, so that no setting of the database prevents
// "database is locked" and self-made deadlocks (docs/ory-quirks.md#q24). A nil Serializer lets
// everybody in.
//
// Nothing slow happens while it is held: bodies are read before, answers are written after, calls to
// the other engine let go of it (Outside), and Kratos' sleeps are replaced by padding outside of it.
type Serializer struct{ slot chan struct{} }

// NewSerializer returns a Serializer for one database.
func NewSerializer() *Serializer { return &Serializer{slot: make(chan struct{}, 1)} }

// heldKey is the context key of a request that holds the slot of one serializer.
type heldKey struct{ *Serializer }

// Do runs f while holding the slot. It gives up when ctx ends first, and says so.
func (s *Serializer) Do(ctx context.Context, f func()) bool {
	if s == nil {
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

// Outside lets go of the slot for a call to the other engine, which may come back.
func (s *Serializer) Outside(ctx context.Context, call func()) {
	defer s.letGo(ctx)()
	call()
}

// letGo lets go of the slot, if ctx holds it, and returns what takes it again.
func (s *Serializer) letGo(ctx context.Context) (again func()) {
	h, _ := ctx.Value(heldKey{s}).(*atomic.Bool)
	if s == nil || h == nil || !h.CompareAndSwap(true, false) {
		return func() {}
	}
	<-s.slot
	// Taken again without looking at ctx: the request goes on inside its engine whatever became of its
	// caller, and must not do so beside another.
	return func() { s.slot <- struct{}{}; h.Store(true) }
}

// Middleware serializes next, but for the requests that readOnly recognizes: they need not wait, and
// many applications ask at once who somebody is.
func (s *Serializer) Middleware(next http.Handler, readOnly func(*http.Request) bool) http.Handler {
	if s == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if readOnly(r) {
			next.ServeHTTP(w, r)
			return
		}
		if !readBody(w, r) {
			return
		}
		var mine atomic.Bool
		mine.Store(true)
		ctx := context.WithValue(r.Context(), heldKey{s}, &mine)
		in := r.WithContext(context.WithValue(ctx, slowKey{}, s))
		out := NewBuffer()
		if !s.Do(r.Context(), func() { next.ServeHTTP(out, in) }) {
			http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
			return
		}
		out.Flush(w)
	})
}

// readBody takes the body of a request into memory, so that nobody holds a place by sending slowly. It reports
// whether there is one to go on with, and has answered otherwise.
func readBody(w http.ResponseWriter, r *http.Request) bool {
	body, err := io.ReadAll(r.Body)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		http.Error(w, http.StatusText(http.StatusRequestEntityTooLarge), http.StatusRequestEntityTooLarge)
		return false
	case err != nil:
		http.Error(w, http.StatusText(http.StatusBadRequest), http.StatusBadRequest)
		return false
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return true
}
