package ory

import (
	"net/http"

	"github.com/ory/x/otelx/semconv"
	"github.com/rs/cors"
)

// Scripts returns the middleware that answers CORS as the settings of an engine say. They are read once:
// upstream reads them for each request, at the cost of a deep copy each, and nothing changes them in a process.
func Scripts(opts cors.Options, enabled bool) func(http.Handler) http.Handler {
	if !enabled {
		return func(next http.Handler) http.Handler { return next }
	}
	return cors.New(opts).Handler
}

// Described puts from where a request comes into its context, where what the engines say happened takes it
// from, as upstream's own middleware does.
func Described(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		semconv.Middleware(w, r, next.ServeHTTP)
	})
}
