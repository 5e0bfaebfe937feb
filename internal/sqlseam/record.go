package sqlseam

import (
	"context"
	"database/sql/driver"
	"errors"
	"sync"
	"time"
)

// Record is what the database did for one request. It is safe for concurrent use: a request may
// read through several connections at once.
type Record struct {
	mu         sync.Mutex
	statements int
	watch      func(Statement)
	// trace is set before the first statement, and not changed.
	trace   Tracer
	failure error
	// conflict is one that a transaction met and that was not settled, met the first one of all.
	conflict, met error
	// stale is a pooled connection that turned out dead. database/sql takes another one by itself, so
	// that it counts as a failure only while no statement has succeeded since.
	stale error
	// unopened is how many connections and transactions of nobody had failed to open when this one began.
	unopened uint64
}

type recordKey struct{}

// NewContext returns a context whose statements are counted in the returned record.
func NewContext(ctx context.Context) (context.Context, *Record) {
	r := &Record{unopened: process.unopened.Load()}
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

// Apart returns a context for statements that the request can do without: they are counted for it when
// done is called, and their failures are not its own.
func Apart(ctx context.Context) (apart context.Context, done func()) {
	outer := FromContext(ctx)
	apart, r := NewContext(ctx)
	if outer != nil {
		r.Watch(outer.watching())
		r.trace = outer.trace
	}
	return apart, func() {
		if outer == nil {
			return
		}
		n := r.Statements()
		outer.mu.Lock()
		defer outer.mu.Unlock()
		outer.statements += n
	}
}

// Statements returns how many statements were sent.
func (r *Record) Statements() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.statements
}

// Failure returns a failure of the database itself, or nil. A broken constraint or an empty result
// is an answer, not a failure; see Classify.
//
// A conflict (Retryable) that a transaction met counts until one of the request has committed since,
// or until the same one read again after a return to its savepoint: the caller has run it again.
func (r *Record) Failure() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.failure != nil:
		return r.failure
	case r.conflict != nil:
		return r.conflict
	}
	return r.stale
}

// Conflict returns the first conflict that a transaction met, settled or not, or nil. What was
// committed since may have been another transaction's.
func (r *Record) Conflict() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.met
}

// Doubt reports whether a connection or a transaction failed to open meanwhile that belongs to no
// request. Where all connections are taken, database/sql opens the next one by itself, and gives its
// failure to one of those that wait; and Hydra begins its transactions on CockroachDB without the
// context of their request. Whose failure it was, nobody is told.
func (r *Record) Doubt() bool { return process.unopened.Load() != r.unopened }

func doubt(ctx context.Context, err error) {
	if FromContext(ctx) == nil && ctx.Err() == nil && Classify(err) == Outage {
		process.unopened.Add(1)
	}
}

// count counts one statement, but not what was never sent: ErrSkip asks database/sql to prepare it
// instead, and drivers answer ErrBadConn only while a statement may be repeated elsewhere.
func (c *conn) count(ctx context.Context, query string, began time.Time, err error) {
	r := FromContext(ctx)
	if r == nil || errors.Is(err, driver.ErrSkip) || errors.Is(err, driver.ErrBadConn) {
		return
	}
	c.traced(ctx, query, began, err)
	r.mu.Lock()
	r.statements++
	r.mu.Unlock()
	c.tell(r, query)
}

// note records what came of a call that database/sql repeats when its connection is dead.
func note(ctx context.Context, err error) {
	r := FromContext(ctx)
	// After the deadline there is no repetition.
	repeated := errors.Is(err, driver.ErrBadConn) && ctx.Err() == nil
	switch {
	case r == nil:
	case err == nil:
		r.setStale(nil)
	case repeated:
		r.setStale(err)
	default:
		fail(ctx, err)
	}
}

func (r *Record) setStale(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stale = err
}

// fail records an error that reaches the caller.
func fail(ctx context.Context, err error) { failAs(ctx, err, false) }

// failInTx records an error that reaches the caller, who may run its transaction again.
func failInTx(ctx context.Context, err error) { failAs(ctx, err, Classify(err) == Retryable) }

func failAs(ctx context.Context, err error, conflict bool) {
	r := FromContext(ctx)
	if r == nil || err == nil || Classify(err) == Answer {
		return
	}
	// A caller that went away cancels its own statements: that says nothing of the database.
	if errors.Is(ctx.Err(), context.Canceled) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !conflict {
		r.failure = first(r.failure, err)
		return
	}
	r.conflict, r.met = first(r.conflict, err), first(r.met, err)
}

// settle notes that a transaction came through.
func settle(ctx context.Context) {
	if r := FromContext(ctx); r != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.conflict = nil
	}
}

func first(old, err error) error {
	if old != nil {
		return old
	}
	return err
}
