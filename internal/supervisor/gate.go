package supervisor

import (
	"net/http"
	"strings"
	"sync/atomic"
)

// Gate stands in front of a handler that does not exist yet. It answers the health paths itself for
// its whole life, and everything else with 503 and the reason until Open is called.
type Gate struct {
	// Page answers people, with 503, and reports whether it did; everybody else is told the reason as
	// JSON. nil answers nobody. It is not to be changed once requests come.
	Page func(w http.ResponseWriter, r *http.Request) bool

	readiness *Readiness
	alive     http.Handler
	ready     http.Handler
	paths     map[string]http.Handler
	next      atomic.Pointer[http.Handler]
}

// NewGate returns a closed Gate that answers /health/alive and /health/ready, and the same under
// each of the prefixes (such as /admin).
func NewGate(r *Readiness, prefixes ...string) *Gate {
	g := &Gate{
		readiness: r, alive: r.Alive(), ready: r.Handler(), paths: map[string]http.Handler{},
	}
	for _, prefix := range append([]string{""}, prefixes...) {
		prefix = strings.TrimSuffix(prefix, "/")
		g.paths[prefix+"/health/alive"] = g.alive
		g.paths[prefix+"/health/ready"] = g.ready
	}
	return g
}

// Open lets every request that is not about health through to h, from the next request on; nil
// closes the gate again.
func (g *Gate) Open(h http.Handler) {
	if h == nil {
		g.next.Store(nil)
		return
	}
	g.next.Store(&h)
}

// ServeHTTP implements http.Handler.
func (g *Gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h, ok := g.paths[r.URL.Path]; ok && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		h.ServeHTTP(w, r)
		return
	}
	if h := g.next.Load(); h != nil {
		(*h).ServeHTTP(w, r)
		return
	}
	g.closed(w, r)
}

type unavailableBody struct {
	Error unavailableError `json:"error"`
}

type unavailableError struct {
	Code   int    `json:"code"`
	Status string `json:"status"`
	Reason string `json:"reason"`
}

func (g *Gate) closed(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Retry-After", "1")
	w.Header().Add("Vary", "Accept")
	if g.Page != nil && g.Page(w, r) {
		return
	}
	writeJSON(w, http.StatusServiceUnavailable, unavailableBody{Error: unavailableError{
		Code:   http.StatusServiceUnavailable,
		Status: http.StatusText(http.StatusServiceUnavailable),
		Reason: g.readiness.explain(),
	}})
}
