package ory

import "net/http"

// Gate lets a number of requests at a time into an engine, fewer than its pool has connections, so that they
// do not wait there for each other (docs/ory-quirks.md#q43). A nil Gate lets everybody in.
type Gate struct{ slots chan struct{} }

// NewGate returns a gate for n requests at a time; nil for none that count.
func NewGate(n int) *Gate {
	if n <= 0 {
		return nil
	}
	return &Gate{slots: make(chan struct{}, n)}
}

// Middleware makes requests wait in front of next until their own deadline, but for those that outside
// recognizes: they need no connection.
func (g *Gate) Middleware(next http.Handler, outside func(*http.Request) bool) http.Handler {
	if g == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if outside(r) {
			next.ServeHTTP(w, r)
			return
		}
		if !readBody(w, r) {
			return
		}
		select {
		case g.slots <- struct{}{}:
		case <-r.Context().Done():
			w.Header().Set("Retry-After", "1")
			http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
			return
		}
		defer func() { <-g.slots }()
		next.ServeHTTP(w, r)
	})
}
