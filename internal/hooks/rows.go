package hooks

import (
	"context"
	"time"
)

// Waiting is a message of the outbox.
type Waiting struct {
	// ID is the same at each attempt, so that a receiver can tell a repetition.
	ID, Hook string
	Event    Event
	Subject  string
	Body     []byte
	Noted    time.Time
	Attempts int
	// Due is when the next attempt may be made.
	Due time.Time
	// Ended is when it was given up; zero while it waits.
	Ended time.Time
	// Reason is why the last attempt failed.
	Reason string
}

// Query chooses messages for people. What is empty chooses all.
type Query struct {
	ID, Hook string
	// Dead chooses those that were given up alone.
	Dead  bool
	Limit int
}

// Count is how many messages there are for a hook.
type Count struct {
	Hook          string
	Waiting, Dead int
}

// Exec runs a statement with question marks in it, in a transaction of the caller's.
type Exec func(query string, args ...any) error

// Rows keep messages beyond the life of a process.
type Rows interface {
	// Note writes a message down in the transaction that exec runs in.
	Note(exec Exec, m Waiting) error
	// Add is Note, in a transaction of its own.
	Add(ctx context.Context, m Waiting) error
	// Due returns messages whose time has come.
	Due(ctx context.Context, now time.Time, limit int) ([]Waiting, error)
	// Claim takes an attempt at a message until another instant. It reports false when somebody else was faster.
	Claim(ctx context.Context, m Waiting, until time.Time) (bool, error)
	// Delay puts a message off; GiveUp ends it. Both keep the reason for people.
	Delay(ctx context.Context, id string, due time.Time, attempts int, reason string) error
	GiveUp(ctx context.Context, id string, at time.Time, attempts int, reason string) error
	// PutOff puts off what is due of one hook, without counting an attempt.
	PutOff(ctx context.Context, hook string, now, until time.Time) error
	Remove(ctx context.Context, id string) error

	// Counts returns how many there are, by hook.
	Counts(ctx context.Context) ([]Count, error)
	// List returns messages for people, the oldest first.
	List(ctx context.Context, q Query) ([]Waiting, error)
	// Again makes chosen messages due now, as if they were new, and returns how many; Drop deletes them.
	Again(ctx context.Context, q Query, now time.Time) (int, error)
	Drop(ctx context.Context, q Query) (int, error)
}
