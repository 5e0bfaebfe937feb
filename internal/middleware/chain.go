package middleware

import "net/http"

// Middleware puts a handler in front of another.
type Middleware func(http.Handler) http.Handler

// Chain puts mws in front of h; the first of them sees a request first. The house order is
// RequestID, AccessLog, Recover, headers, Limit: an id before anything is logged, and a panic
// answered before its line is written.
func Chain(h http.Handler, mws ...Middleware) http.Handler {
	for i := len(mws) - 1; i >= 0; i-- {
		h = mws[i](h)
	}
	return h
}
