package middleware

import (
	"context"
	"net/http"
	"time"
)

// Deadline gives every request a context that ends after d. What it does then is up to the handler: the
// answer is not cut off.
func Deadline(d time.Duration) Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ctx, cancel := context.WithTimeout(r.Context(), d)
			defer cancel()
			next.ServeHTTP(w, r.WithContext(ctx))
		})
	}
}
