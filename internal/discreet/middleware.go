package discreet

import (
	"net/http"

	"example.com/identityd/internal/middleware"
)

// Config says what is filtered.
type Config struct {
	// OAuth says that an error without a shape of its own gets that of RFC 6749 section 5.2; else it gets
	// Ory's.
	OAuth bool
	// Stored reports whether a request is for an error that was stored, which is told with status 200; nil
	// means none is.
	Stored func(*http.Request) bool
	// StoredOnly leaves all others alone.
	StoredOnly bool
	// Unnamed are the words of errors of Ory that have none, by their message.
	Unnamed map[string]string
	// Told is told of each error, by its word and its reason; nil is allowed.
	Told func(r *http.Request, code, reason string)
}

// Middleware stands directly in front of an engine, so that it does not judge our own answers.
func Middleware(cfg Config) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			stored := cfg.Stored != nil && cfg.Stored(r)
			if cfg.StoredOnly && !stored {
				next.ServeHTTP(w, r)
				return
			}
			held := &writer{ResponseWriter: w, stored: stored}
			next.ServeHTTP(held, r)
			if held.holding {
				held.tell(r, cfg)
			}
		})
	}
}

// tell sends an error, or what may be told of it.
func (h *writer) tell(r *http.Request, cfg Config) {
	body, isJSON := parse(h.Header().Get("Content-Type"), h.body.Bytes())
	oauth := cfg.OAuth
	if cfg.Told != nil && isJSON {
		for _, code := range codes(body, cfg.Unnamed) {
			cfg.Told(r, code, why(body))
		}
	}
	failed := h.status >= http.StatusInternalServerError
	switch {
	case h.stored && isJSON:
		h.sendJSON(storedError(body))
	case failed && isJSON:
		h.sendJSON(failure(h.status, body, oauth, middleware.RequestIDFrom(r.Context())))
	case failed:
		h.clear()
		if !middleware.FailedPage(h.ResponseWriter, r, h.status) {
			h.sendJSON(failure(h.status, nil, oauth, middleware.RequestIDFrom(r.Context())))
		}
	case isJSON:
		if cleaned, changed := refusal(body); changed {
			h.sendJSON(cleaned)
			return
		}
		h.send()
	case Tells(h.body.String()):
		h.sendText(http.StatusText(h.status) + "\n")
	default:
		h.send()
	}
}
