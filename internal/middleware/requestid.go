package middleware

import (
	"context"
	"crypto/rand"
	"log/slog"
	"maps"
	"net/http"
)

// RequestIDHeader carries the request id in both directions.
const RequestIDHeader = "X-Request-Id"

const maxRequestID = 64

type requestIDKey struct{}

// RequestID gives every request an id: the client's when it is well formed, else a random one. The
// id is in the context, on the request, so that the engines log and pass on the same one, and on
// the response, so that a person can quote it.
func RequestID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get(RequestIDHeader)
		if !wellFormedID(id) {
			id = rand.Text()
		}
		value := []string{id}
		// Handlers must not change a request they were given, and this changes one header.
		r = r.WithContext(WithRequestID(r.Context(), id))
		r.Header = maps.Clone(r.Header)
		r.Header[RequestIDHeader] = value
		w.Header()[RequestIDHeader] = value
		next.ServeHTTP(w, r)
	})
}

// wellFormedID keeps a client from writing into the logs what it likes.
func wellFormedID(id string) bool {
	if id == "" || len(id) > maxRequestID {
		return false
	}
	for i := range len(id) {
		c := id[i]
		switch {
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9':
		case c == '.', c == '_', c == '-':
		default:
			return false
		}
	}
	return true
}

// WithRequestID returns a context that carries the id, for work that leaves its request's context.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey{}, id)
}

// RequestIDFrom returns the id of the request that ctx belongs to, or an empty string.
func RequestIDFrom(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// RequestIDAttrs returns the request id as a log attribute; it fits logging.Options.ContextAttrs.
func RequestIDAttrs(ctx context.Context) []slog.Attr {
	if id := RequestIDFrom(ctx); id != "" {
		return []slog.Attr{slog.String("request_id", id)}
	}
	return nil
}
