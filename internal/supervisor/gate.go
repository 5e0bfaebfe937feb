package supervisor

import (
	"fmt"
	"html"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
)

// Gate stands in front of a handler that does not exist yet. It answers the health paths itself for
// its whole life, and everything else with 503 and the reason until Open is called.
type Gate struct {
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

// closedPage reloads itself, so that a person who came too early needs to do nothing.
const closedPage = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta http-equiv="refresh" content="2"><title>Please wait</title></head>
<body><h1>Please wait</h1><p>This service is %s.</p></body>
</html>
`

func (g *Gate) closed(w http.ResponseWriter, r *http.Request) {
	reason := g.readiness.explain()
	w.Header().Set("Retry-After", "1")
	w.Header().Add("Vary", "Accept")
	if !prefersHTML(r.Header.Values("Accept")) {
		writeJSON(w, http.StatusServiceUnavailable, unavailableBody{Error: unavailableError{
			Code:   http.StatusServiceUnavailable,
			Status: http.StatusText(http.StatusServiceUnavailable),
			Reason: reason,
		}})
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(http.StatusServiceUnavailable)
	fmt.Fprintf(w, closedPage, html.EscapeString(reason))
}

// prefersHTML reports whether text/html is named and weighs at least as much as JSON. A wildcard
// does not count: command line clients send it, and they read JSON.
func prefersHTML(accept []string) bool {
	var page, data float64
	for _, value := range accept {
		for item := range strings.SplitSeq(value, ",") {
			kind, params, _ := strings.Cut(strings.TrimSpace(item), ";")
			weight := 1.0
			for p := range strings.SplitSeq(params, ";") {
				if q, ok := strings.CutPrefix(strings.TrimSpace(p), "q="); ok {
					if f, err := strconv.ParseFloat(q, 64); err == nil {
						weight = f
					}
				}
			}
			switch strings.ToLower(strings.TrimSpace(kind)) {
			case "text/html", "application/xhtml+xml":
				page = max(page, weight)
			case "application/json":
				data = max(data, weight)
			}
		}
	}
	return page > 0 && page >= data
}
