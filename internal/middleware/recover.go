package middleware

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
)

// Panic is what a handler panicked with that ran in another goroutine, with the stack of that one.
type Panic struct {
	Value any
	Stack []byte
}

// Recover answers a panicking request with 500 and leaves the others alone. Stack and cause go to
// the log under the request id, never to the client. The counted function, if any, is called once
// for each panic.
func Recover(log *slog.Logger, counted func(context.Context)) Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			rec, ok := w.(*recorder) // of AccessLog, which stands directly in front
			if !ok {
				rec = &recorder{ResponseWriter: w}
			}
			defer func() {
				p := recover()
				if p == nil {
					return
				}
				// net/http's own way to drop a connection is no failure.
				if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
					panic(http.ErrAbortHandler)
				}
				if counted != nil {
					counted(r.Context())
				}
				ctx := r.Context()
				cause, stack := p, debug.Stack()
				if elsewhere, ok := p.(Panic); ok {
					cause, stack = elsewhere.Value, elsewhere.Stack
				}
				log.ErrorContext(ctx, "request panicked",
					"request_id", RequestIDFrom(ctx), "method", clean(r.Method, maxLoggedMethod),
					"path", clean(r.URL.Path, maxLoggedPath),
					"panic", fmt.Sprint(cause), "stack", string(stack))
				if rec.wrote() {
					// The client must not take half an answer for a whole one.
					panic(http.ErrAbortHandler)
				}
				answer(rec, r, http.StatusInternalServerError,
					"Something went wrong on our side. Please try again, and quote the request when "+
						"you ask for help.")
			}()
			next.ServeHTTP(rec, r)
		})
	}
}
