package hydra

import (
	"encoding/json"
	"net/http"
	"path"
	"strconv"
	"sync"
	"time"

	"github.com/ory/hydra/v2/client"
)

// How many clients may register themselves within a minute, where that is switched on at all: from one
// network, and at this process in all. Each is a row that stays, and a secret to hash.
const (
	registrationsOfOne = 30
	registrationsOfAll = 60
)

// publicDoors bound what the public API shows: none of Hydra's own pages, and no more registrations than
// anybody needs (docs/ory-quirks.md#q106).
func (e *Engine) publicDoors(next http.Handler) http.Handler {
	if e.cfg.Unfixed {
		return next
	}
	counts := &registrations{now: time.Now, began: time.Now()}
	return hideFallbacks(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && path.Clean("/"+r.URL.Path) == client.DynClientsHandlerPath {
			counts.serve(w, r, e.asker(r), next)
			return
		}
		next.ServeHTTP(w, r)
	}))
}

// asker is who asks, as limits tell people apart.
func (e *Engine) asker(r *http.Request) string {
	if e.cfg.Network == nil {
		return ""
	}
	return e.cfg.Network(r)
}

// registrations counts those of this minute.
type registrations struct {
	now func() time.Time

	mu    sync.Mutex
	began time.Time
	all   int
	of    map[string]int
}

// serve reserves before anything is stored, and gives back where nothing was.
func (c *registrations) serve(w http.ResponseWriter, r *http.Request, who string, next http.Handler) {
	wait := c.reserve(who)
	if wait > 0 {
		refuseRegistration(w, wait)
		return
	}
	seen := &createdWriter{ResponseWriter: w}
	defer func() {
		if seen.status != http.StatusCreated {
			c.release(who)
		}
	}()
	next.ServeHTTP(seen, r)
}

// reserve returns how long to wait, zero where there is room. The map is as large as the number of
// registrations of a minute.
func (c *registrations) reserve(who string) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.now(); now.Sub(c.began) >= time.Minute {
		c.began, c.all, c.of = now, 0, map[string]int{}
	}
	if c.all >= registrationsOfAll || c.of[who] >= registrationsOfOne {
		return max(time.Second, c.began.Add(time.Minute).Sub(c.now()))
	}
	if c.of == nil {
		c.of = map[string]int{}
	}
	c.all++
	c.of[who]++
	return 0
}

func (c *registrations) release(who string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of[who] > 0 { // unless a new minute began
		c.all--
		c.of[who]--
	}
}

func refuseRegistration(w http.ResponseWriter, wait time.Duration) {
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
	w.WriteHeader(http.StatusTooManyRequests)
	// The client may be gone; there is nobody to tell. The form is that of RFC 7591 section 3.2.2.
	_ = json.NewEncoder(w).Encode(map[string]string{
		"error": "temporarily_unavailable", "error_description": "Too many clients were registered. Try again later.",
	})
}

// createdWriter remembers the status.
type createdWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (w *createdWriter) WriteHeader(code int) {
	if w.status == 0 {
		w.status = code
	}
	w.ResponseWriter.WriteHeader(code)
}

// Unwrap serves http.ResponseController.
func (w *createdWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
