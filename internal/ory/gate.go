package ory

import "net/http"

// Gate lets a number of requests at a time into an engine, fewer than its pool has connections, so that they
// do not wait there for each other (docs/ory-quirks.md#q43). A nil Gate lets everybody in.
type Gate struct {
	slots chan struct{}
	// common are the places that everybody shares; the others are for urgent requests alone.
	common chan struct{}
}

// reserved is the share of the places that only urgent requests take: a quarter, and one where there are two.
func reserved(n int) int { return min(max(n/4, 1), n-1) }

// NewGate returns a gate for n requests at a time; nil for none that count.
func NewGate(n int) *Gate {
	if n <= 0 {
		return nil
	}
	return &Gate{slots: make(chan struct{}, n), common: make(chan struct{}, n-reserved(n))}
}

// Middleware makes requests wait in front of next until their own deadline, but for those that outside
// recognizes: they need no connection. Some places are kept for urgent requests, so that they do not wait
// behind everybody else; nil means none is urgent, and keeps no place.
func (g *Gate) Middleware(next http.Handler, outside, urgent func(*http.Request) bool) http.Handler {
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
		common := urgent != nil && !urgent(r)
		if common {
			if !enter(g.common, r) {
				late(w)
				return
			}
			defer func() { <-g.common }()
		}
		if !enter(g.slots, r) {
			late(w)
			return
		}
		defer func() { <-g.slots }()
		if common { // the urgent ones call nobody
			r = r.WithContext(holding(r.Context(), gateKey{g}, g.common, g.slots))
		}
		next.ServeHTTP(w, r)
	})
}

// enter waits for a place until the deadline of a request.
func enter(places chan<- struct{}, r *http.Request) bool {
	select {
	case places <- struct{}{}:
		return true
	case <-r.Context().Done():
		return false
	}
}

func late(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "1")
	http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
}
