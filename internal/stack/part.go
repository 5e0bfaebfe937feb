package stack

import (
	"context"
	"net/http"
	"strings"

	"example.com/identityd/internal/gateway"
)

// partKey finds the part that answers a request. What is in front of the gateway puts an empty one into the
// context, for what is known behind it only.
type partKey struct{}

// isPart says which part answers.
func isPart(part gateway.Part) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if at, ok := r.Context().Value(partKey{}).(*gateway.Part); ok {
				*at = part
			}
			next.ServeHTTP(w, r)
		})
	}
}

// partFrom returns the part, empty when none was reached: health, and what a closed gate answers.
func partFrom(ctx context.Context) gateway.Part {
	if at, ok := ctx.Value(partKey{}).(*gateway.Part); ok {
		return *at
	}
	return ""
}

// partOf returns the part behind a listener of its own.
func partOf(listener string) (gateway.Part, bool) {
	name, _, _ := strings.Cut(listener, "_")
	switch part := gateway.Part(name); part {
	case gateway.Hydra, gateway.Kratos, gateway.Pages:
		return part, true
	default:
		return "", false
	}
}
