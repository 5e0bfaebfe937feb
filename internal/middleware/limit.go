package middleware

import (
	"fmt"
	"net/http"
)

// Limit refuses bodies of more than the given number of bytes: at once with 413 when the client
// declares the length, else by an *http.MaxBytesError at the handler's read.
func Limit(bodyBytes int64) Middleware {
	return LimitBy(func(*http.Request) int64 { return bodyBytes })
}

// LimitBy is Limit with a number that depends on the request.
func LimitBy(most func(*http.Request) int64) Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			bodyBytes := most(r)
			if r.ContentLength > bodyBytes {
				TooLarge(w, r, bodyBytes)
				return
			}
			if r.Body == nil || r.Body == http.NoBody {
				next.ServeHTTP(w, r)
				return
			}
			limited := r.WithContext(r.Context())
			limited.Body = http.MaxBytesReader(w, r.Body, bodyBytes)
			next.ServeHTTP(w, limited)
		})
	}
}

// TooLarge answers 413 to a body of more bytes than may be.
func TooLarge(w http.ResponseWriter, r *http.Request, bodyBytes int64) {
	// The body is still on its way and nobody will read it.
	w.Header().Set("Connection", "close")
	answer(w, r, http.StatusRequestEntityTooLarge, fmt.Sprintf("The request's body has more than %d bytes.", bodyBytes))
}
