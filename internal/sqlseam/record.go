package sqlseam

import (
	"context"
	"database/sql/driver"
	"errors"
	"sync"
)

// Record is what the database did for one request. It is safe for concurrent use: a request may
// read through several connections at once.
type Record struct {
	mu         sync.Mutex
	statements int
	failure    error
}

type recordKey struct{}

// NewContext returns a context whose statements are counted in the returned record.
func NewContext(ctx context.Context) (context.Context, *Record) {
	r := &Record{}
	return context.WithValue(ctx, recordKey{}, r), r
}

// FromContext returns the record of ctx, or nil.
func FromContext(ctx context.Context) *Record {
	r, _ := ctx.Value(recordKey{}).(*Record)
	return r
}

// Carry returns to with the record of from, so that a call that crosses to the other engine counts
// for the request that caused it.
func Carry(from, to context.Context) context.Context {
	if r := FromContext(from); r != nil {
		return context.WithValue(to, recordKey{}, r)
	}
	return to
}

// Statements returns how many statements were sent.
func (r *Record) Statements() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.statements
}

// Failure returns the first failure of the database itself, or nil. A broken constraint or an empty
// result is an answer, not a failure; see Classify.
func (r *Record) Failure() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failure
}

// observe counts one statement and notes its failure.
func observe(ctx context.Context, err error) {
	if errors.Is(err, driver.ErrSkip) {
		return // not executed: database/sql prepares it instead
	}
	if r := FromContext(ctx); r != nil {
		r.mu.Lock()
		r.statements++
		r.mu.Unlock()
	}
	note(ctx, err)
}

func note(ctx context.Context, err error) {
	if err == nil || Classify(err) == Answer {
		return
	}
	r := FromContext(ctx)
	if r == nil {
		return
	}
	// A caller that went away cancels its own statements: that says nothing of the database.
	if errors.Is(ctx.Err(), context.Canceled) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failure == nil {
		r.failure = err
	}
}
