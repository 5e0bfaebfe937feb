package outage

import (
	"errors"
	"net/http"
	"runtime/debug"
	"time"

	"example.com/identityd/internal/middleware"
)

// grace is how long a handler may take after its deadline: most of them notice it, and say more in
// their answer, which is looked at then.
const grace = 500 * time.Millisecond

// within serves a request, and returns false when the handler still runs some time after the deadline
// of the request. Hydra reads its signing keys under a lock for which it waits without a deadline, so
// that requests behind a database that hangs would wait for all those before them
// (docs/ory-quirks.md#q40).
func within(r *http.Request, held *answer, next http.Handler) bool {
	done := make(chan any, 1)
	go func() {
		defer func() {
			p := recover()
			if err, ok := p.(error); p != nil && (!ok || !errors.Is(err, http.ErrAbortHandler)) {
				p = middleware.Panic{Value: p, Stack: debug.Stack()}
			}
			done <- p
		}()
		next.ServeHTTP(held, r)
	}()
	finish := func(p any) bool {
		if p != nil {
			panic(p) // where the middleware that recovers it is
		}
		return true
	}
	select {
	case p := <-done:
		return finish(p)
	case <-r.Context().Done():
	}
	// One that went away needs no answer, and the process waits for its handler when it stops.
	if !expired(r.Context()) {
		return finish(<-done)
	}
	late := time.NewTimer(grace)
	defer late.Stop()
	select {
	case p := <-done:
		return finish(p)
	case <-late.C:
	}
	if held.abandon() {
		return false
	}
	return finish(<-done)
}
