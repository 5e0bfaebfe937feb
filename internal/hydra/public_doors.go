package hydra

import (
	"encoding/json"
	"net/http"
	"path"
	"strconv"
	"sync"
	"time"

	"github.com/ory/hydra/v2/client"

	"example.com/identityd/internal/identity"
)

// registrationsOfAll is how many clients may register themselves within a minute at this process. Each is a row
// and a secret to hash. How many may from one network within an hour is for the operator to say.
const registrationsOfAll = 60

// publicDoors bound what the public API shows: none of Hydra's own pages, and no more registrations than
// anybody needs (docs/ory-quirks.md#q106).
func (e *Engine) publicDoors(next http.Handler) http.Handler {
	if e.cfg.Unfixed {
		return next
	}
	counts := &registrations{now: time.Now, refused: func(r *http.Request) {
		e.told(r.Context(), identity.Told{Cause: "registering:limit"})
	}}
	p := e.cfg.Registration
	if p != nil {
		counts.ofOne = p.PerHour
	}
	return hideFallbacks(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p != nil && r.Method == http.MethodPost && path.Clean("/"+r.URL.Path) == client.DynClientsHandlerPath {
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

// registrations counts those of this minute, and of each network those of this hour.
type registrations struct {
	now   func() time.Time
	ofOne int
	// refused is told of who has to wait; nil is allowed.
	refused func(*http.Request)

	mu           sync.Mutex
	minute, hour time.Time // when they began
	all          int
	of           map[string]int
}

// serve reserves before anything is stored, and gives back where nothing was.
func (c *registrations) serve(w http.ResponseWriter, r *http.Request, who string, next http.Handler) {
	wait := c.reserve(who)
	if wait > 0 {
		if c.refused != nil {
			c.refused(r)
		}
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
// registrations of an hour.
func (c *registrations) reserve(who string) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if now.Sub(c.minute) >= time.Minute {
		c.minute, c.all = now, 0
	}
	if c.of == nil || now.Sub(c.hour) >= time.Hour {
		c.hour, c.of = now, map[string]int{}
	}
	switch {
	case c.of[who] >= c.ofOne:
		return max(time.Second, c.hour.Add(time.Hour).Sub(now))
	case c.all >= registrationsOfAll:
		return max(time.Second, c.minute.Add(time.Minute).Sub(now))
	}
	c.all++
	c.of[who]++
	return 0
}

func (c *registrations) release(who string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of[who] > 0 { // unless a new hour began
		c.of[who]--
	}
	if c.all > 0 {
		c.all--
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
