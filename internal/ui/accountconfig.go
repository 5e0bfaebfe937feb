package ui

import (
	"context"
	"time"

	"example.com/identityd/internal/identity"
)

// Account reads and ends what is kept of a person. Person is the id of their identity; cookie is the
// browser's Cookie header, so that nobody ends the sessions of others.
type Account interface {
	// SessionsOf returns one page of the living sessions, newest first, the current one among them, and
	// how many there are in all. Pages are counted from 1. A size of 0 counts them only.
	SessionsOf(ctx context.Context, person string, page, size int) ([]identity.Session, int, error)
	// RevokeSession ends another session. One that is gone is no error.
	RevokeSession(ctx context.Context, cookie, id string) error
	// RevokeOtherSessions ends all sessions but the one of this browser.
	RevokeOtherSessions(ctx context.Context, cookie string) error
	// FactorsOf returns the ways to sign in that are set up, without secrets.
	FactorsOf(ctx context.Context, person string) ([]identity.Factor, error)
	// DeleteIdentity removes a person and ends all their access, sessions and tokens, or answers NotFound.
	DeleteIdentity(ctx context.Context, person string) error
}

// Grants are what applications may do in a person's name.
type Grants interface {
	// Grants returns one row per application, the one used last first.
	Grants(ctx context.Context, person string) ([]identity.Grant, error)
	// RevokeGrants takes back all that an application may do, and ends its tokens.
	RevokeGrants(ctx context.Context, person, client string) error
}

// Data is everything that is held of people.
type Data interface {
	// Export returns what a person may take along, to be written as JSON. session is theirs.
	Export(ctx context.Context, person, session string) (any, error)
	// Traces looks at who a person is and returns what removes all that is left once the account is gone.
	Traces(ctx context.Context, person string) (remove func(context.Context) error, err error)
}

// Activity is what happened to accounts.
type Activity interface {
	// Activity returns one page of what happened to the account of a person, newest first, and whether there
	// is more. Pages are counted from 1.
	Activity(ctx context.Context, person string, page, size int) ([]identity.Activity, bool, error)
}

// AccountRules say what the account pages offer.
type AccountRules struct {
	// Privileged is how long after a sign-in data can be downloaded and the account be deleted without
	// another one.
	Privileged time.Duration
	// Deletion lets people delete their accounts.
	Deletion bool
	// Factors are the ways to sign in that can be set up.
	Factors Factors
}

// Factors are the ways to sign in that can be set up.
type Factors struct {
	Password, Passkey, SecurityKey, TOTP, RecoveryCodes, Providers bool
}

// second says whether there is a second factor to set up.
func (f Factors) second() bool { return f.TOTP || f.SecurityKey }
