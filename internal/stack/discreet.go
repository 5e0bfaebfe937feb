package stack

import (
	"net/http"

	"example.com/identityd/internal/discreet"
	"example.com/identityd/internal/gateway"
	"example.com/identityd/internal/identity"
)

// discreet stands in front of a public handler of an engine, directly: what we answer ourselves is worded to
// be shown (docs/ory-quirks.md#q84).
func (s *Stack) discreet(cfg discreet.Config, h http.Handler) http.Handler {
	if s.opts.TalkativeErrors {
		return h
	}
	cfg.Told = func(r *http.Request, code, reason string) {
		told(r.Context(), identity.Told{Cause: code, Reason: reason})
	}
	return discreet.Middleware(cfg)(h)
}

// isStoredError reports whether a request is for an error that Kratos has stored for a page to show.
func isStoredError(r *http.Request) bool { return gateway.Clean(r.URL.Path) == "/self-service/errors" }
