package stack

import (
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"time"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/middleware"
	"example.com/identityd/internal/outage"
	"example.com/identityd/internal/why"
)

// tooMany answers who has to wait at Kratos: 429 with the same body whoever it is, and whether the account
// exists or not. A browser gets a page.
func (s *Stack) tooMany(w http.ResponseWriter, r *http.Request, until time.Time) {
	told(r.Context(), identity.Told{Cause: why.Throttled})
	wait := retryAfter(w, until)
	if middleware.PrefersHTML(r) {
		if pages := s.leaving.Load(); pages != nil {
			pages.TooMany(w, r, wait)
			return
		}
	}
	// The fields of herodot's errors, which Kratos' clients read.
	answer(w, map[string]any{"error": map[string]any{
		"id": codeOf(r.Context(), http.StatusTooManyRequests), "code": http.StatusTooManyRequests, "status": http.StatusText(http.StatusTooManyRequests),
		"request": middleware.RequestIDFrom(r.Context()),
		"reason":  "There were too many failed attempts. Nothing is locked: try again when the time in Retry-After has passed.",
		"message": "Too many attempts.", "details": map[string]any{"retry_after": int(wait / time.Second)},
	}})
}

// tooManyTokens answers it at Hydra, in the form of RFC 6749 section 5.2. Of its words the one for a state that
// passes fits.
func (s *Stack) tooManyTokens(w http.ResponseWriter, r *http.Request, until time.Time) {
	told(r.Context(), identity.Told{Cause: why.Throttled})
	retryAfter(w, until)
	answer(w, map[string]string{
		"error": "temporarily_unavailable",
		"error_description": "There were too many failed attempts to authenticate this client. " +
			"Try again when the time in Retry-After has passed.",
	})
}

// retryAfter says how many seconds there are to wait, the last one whole.
func retryAfter(w http.ResponseWriter, until time.Time) time.Duration {
	wait := time.Duration(max(math.Ceil(time.Until(until).Seconds()), 1)) * time.Second
	w.Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)))
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Add("Vary", "Accept")
	return wait
}

func answer(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(http.StatusTooManyRequests)
	// The client may be gone; there is nobody to tell.
	_ = json.NewEncoder(w).Encode(body)
}

// busy answers who would have to wait too long for a password to be hashed.
func busy(w http.ResponseWriter, r *http.Request) {
	told(r.Context(), identity.Told{Cause: why.BusyHashes})
	outage.Kratos.Refuse(w, r)
}
