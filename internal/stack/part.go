package stack

import (
	"context"
	"net/http"
	"strings"

	"example.com/identityd/internal/gateway"
)

// partKey finds the visit that a request is, for what is known behind the gateway only: the part that answers,
// and why it ends as it does.
type partKey struct{}

// isPart says which part answers.
func (s *Stack) isPart(part gateway.Part) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if v, ok := r.Context().Value(partKey{}).(*visit); ok {
				v.part = part
				if v.traced != nil && part == gateway.Pages { // the engines open theirs
					s.tracePage(w, r, next)
					return
				}
			}
			next.ServeHTTP(w, r)
		})
	}
}

// partFrom returns the part, empty when none was reached: health, and what a closed gate answers.
func partFrom(ctx context.Context) gateway.Part {
	if v, ok := ctx.Value(partKey{}).(*visit); ok {
		return v.part
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
