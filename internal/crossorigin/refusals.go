package crossorigin

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"
)

// mostRefusals is how many origins are named within a minute: anybody may send any.
const mostRefusals = 20

// Refusals tells the log of pages that were refused, each origin and path once within a minute.
type Refusals struct {
	log *slog.Logger
	// preflight is told of each preflight that was refused; nil is allowed.
	preflight func(context.Context)

	now func() time.Time

	mu    sync.Mutex
	began time.Time
	said  map[string]bool
}

// NewRefusals returns Refusals that writes to log, and tells preflight of each refused one, unless that is nil.
func NewRefusals(log *slog.Logger, preflight func(context.Context)) *Refusals {
	return &Refusals{log: log, preflight: preflight, now: time.Now}
}

func (f *Refusals) note(r *http.Request, origin string) {
	if f.preflight != nil && preflight(r) {
		f.preflight(r.Context())
	}
	if len(origin) > longestOrigin || !f.first(origin+" "+r.URL.Path) {
		return
	}
	reason, cure := "no client and no setting names its origin",
		"write it into clients[].origins of the file, or run identityd client explain ID --origin "+plain(origin)+", which prints the command that adds it"
	if asked := r.Header.Get("Access-Control-Request-Headers"); preflight(r) && asked != "" && len(asked) < longestOrigin {
		reason = "neither a client nor a setting names its origin, or one of the headers that it asks for is not allowed: " + plain(asked)
	}
	f.log.InfoContext(r.Context(), "a page of another origin was refused", "origin", plain(origin), "path", plain(r.URL.Path), "reason", reason, "cure", cure)
}

// first reports whether this was not said within this minute.
func (f *Refusals) first(what string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now := f.now(); f.said == nil || now.Sub(f.began) >= time.Minute {
		f.began, f.said = now, map[string]bool{}
	}
	if f.said[what] || len(f.said) >= mostRefusals {
		return false
	}
	f.said[what] = true
	return true
}

// plain leaves out what no origin, path or header has, and what would be a trap where somebody copies it into a
// shell.
func plain(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.ContainsRune(":/.-_[],*~% ", c):
			return c
		}
		return '?'
	}, s)
}
