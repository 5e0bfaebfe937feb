package outage

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"example.com/identityd/internal/sqlseam"
)

// expired reports whether the time for a request ran out. A caller that went away is none of it.
func expired(ctx context.Context) bool {
	return errors.Is(ctx.Err(), context.DeadlineExceeded)
}

// Suspects reports whether a refusal of a request so far may be the database's and not the engine's: then it is
// answered 503, and counts against nobody. A caller that went away is no reason, or whoever guesses and hangs up would
// not be counted.
func Suspects(ctx context.Context) bool {
	record := sqlseam.FromContext(ctx)
	return record != nil && (record.Failure() != nil || record.Doubt()) || expired(ctx)
}

// inactive reports whether an answer is an introspection (RFC 7662) that refuses, the one refusal
// whose status is 200.
func inactive(held *answer) bool {
	if !isJSON(held.head()) {
		return false
	}
	var body struct {
		Active *bool `json:"active"`
	}
	return json.Unmarshal(held.body.Bytes(), &body) == nil && body.Active != nil && !*body.Active
}

// verdict reports whether an answer refuses, or may: a form answers a redirect to itself.
func verdict(held *answer) bool {
	return held.status >= http.StatusMultipleChoices || inactive(held)
}

// isJSON reports whether a body says that it is JSON.
func isJSON(h http.Header) bool {
	kind, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	return strings.EqualFold(strings.TrimSpace(kind), "application/json")
}
