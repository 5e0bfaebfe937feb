package outage

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
)

// expired reports whether the time for a request ran out. A caller that went away is none of it.
func expired(ctx context.Context) bool {
	return errors.Is(ctx.Err(), context.DeadlineExceeded)
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
