package signout

import (
	"context"
	"time"
)

// Message is what a client has to be told: that a session of Hydra ended. ID is the jti of its logout
// token, the same at each attempt, so that a client can tell a repetition.
type Message struct {
	ID, Session, Client string
	Noted               time.Time
	Attempts            int
	// Due is when the next attempt may be made.
	Due time.Time
}

// Rows keep what has to be done beyond the life of a process.
type Rows interface {
	// Note writes down, before or in the transaction that does it, that a session ends. exec runs a statement
	// with question marks in it there.
	Note(exec func(query string, args ...any) error, s Session) error
	// Endings returns sessions that ended before an instant and are not settled.
	Endings(ctx context.Context, before time.Time, limit int) ([]Session, error)
	Settled(ctx context.Context, s Session) error

	// Add writes messages down. A client that waits to be told of that session already stays as it is.
	Add(ctx context.Context, messages []Message) error
	// Due returns messages whose time has come, and how many wait in all.
	Due(ctx context.Context, now time.Time, limit int) (due []Message, waiting int, err error)
	// Claim takes an attempt at a message until another instant. It reports false when somebody else was faster.
	Claim(ctx context.Context, m Message, until time.Time) (bool, error)
	// Delay puts a claimed message off; GiveUp ends it. Both keep the reason for people.
	Delay(ctx context.Context, id string, due time.Time, attempts int, reason string) error
	GiveUp(ctx context.Context, id string, at time.Time, reason string) error
	// PutOff puts off what is due of one client, without counting an attempt.
	PutOff(ctx context.Context, client string, now, until time.Time) error
	Remove(ctx context.Context, id string) error
}
