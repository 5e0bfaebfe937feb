package identity

import (
	"context"
	"net/http"
	"time"
)

// Attempt is somebody's try at proving who they are, or at making us do something costly.
type Attempt struct {
	// Kind is one of the kinds of internal/throttle.
	Kind string
	// Account is as typed; empty where it is not known.
	Account string
	// Device is the cookie by which a browser shows that it signed in before.
	Device string
	// Every counts also what succeeds.
	Every bool
}

// AttemptEnd is what came of an attempt.
type AttemptEnd int

// The ends of an attempt.
const (
	// AttemptDropped found nothing out, because something of ours failed for instance.
	AttemptDropped AttemptEnd = iota
	AttemptFailed
	AttemptSucceeded
)

// Attempts decides whether an attempt may be made.
type Attempts interface {
	// Begin reserves an attempt. Either it returns what has to be called once with what came of it, or the
	// instant before which none may be made.
	Begin(r *http.Request, a Attempt) (end func(context.Context, AttemptEnd), until time.Time)
	// Device returns the cookie of a browser that signed in to an account, from the one that it had.
	Device(had, account string) string
}
