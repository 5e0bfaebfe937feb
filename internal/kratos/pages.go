package kratos

import (
	"net/http"
	"strconv"

	"github.com/ory/herodot"
)

// positivePages refuses pages of fewer than no rows, at which Kratos panics (docs/ory-quirks.md#q107).
func (e *Engine) positivePages(next http.Handler) http.Handler {
	if e.cfg.Unfixed {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, name := range []string{"page_size", "per_page"} {
			for _, value := range r.URL.Query()[name] {
				if n, err := strconv.Atoi(value); err == nil && n < 0 {
					e.registry.Writer().WriteError(w, r, herodot.ErrBadRequest.WithReasonf("%s must not be negative (got %d).", name, n))
					return
				}
			}
		}
		next.ServeHTTP(w, r)
	})
}
