package offboard

import (
	"context"
	"slices"
	"time"
)

// Why access ends.
const (
	Deactivated     = "deactivated"
	Deleted         = "deleted"
	PasswordChanged = "password_changed"
	Recovered       = "recovered"
	FactorRemoved   = "factor_removed"
	Revoked         = "revoked"
)

// Reasons are all of them.
func Reasons() []string {
	return []string{Deactivated, Deleted, PasswordChanged, Recovered, FactorRemoved, Revoked}
}

// Order asks to end all access of a person.
type Order struct {
	Identity, Reason string
	// Keep is the session of Kratos that stays, empty for none: that of the browser in which a person changes their
	// own password or factors.
	Keep string
	// Noted is when the order was written down. Two orders with the same Identity and Keep are one, of the later time.
	Noted time.Time
	// Done is 0 until the order was carried out once, and then 1 until it was looked at once more.
	Done int
	// Attempts are those that failed.
	Attempts int
}

// Valid reports whether the reason is one of ours.
func (o Order) Valid() bool { return o.Identity != "" && slices.Contains(Reasons(), o.Reason) }

// gone reports whether the person cannot come back while the order is carried out.
func (o Order) gone() bool { return o.Reason == Deleted }

// Ended is what an order ended.
type Ended struct {
	// Sessions are those of Kratos, Pending its codes and links under way.
	Sessions int64 `json:"sessions"`
	Pending  int64 `json:"pending_codes"`
	// Logins are the sessions of Hydra, Consents what was granted to applications.
	Logins   int64 `json:"logins"`
	Consents int64 `json:"consents"`
	Access   int64 `json:"access_tokens"`
	Refresh  int64 `json:"refresh_tokens"`
	Codes    int64 `json:"codes"`
	// JWTs are those among the access tokens that whoever verifies them by the public keys goes on taking, until
	// Until; nil where there are none.
	JWTs  int64      `json:"jwt_access_tokens"`
	Until *time.Time `json:"jwt_until"`
}

func (e Ended) plus(o Ended) Ended {
	e.Sessions, e.Pending = e.Sessions+o.Sessions, e.Pending+o.Pending
	e.Logins, e.Consents = e.Logins+o.Logins, e.Consents+o.Consents
	e.Access, e.Refresh, e.Codes = e.Access+o.Access, e.Refresh+o.Refresh, e.Codes+o.Codes
	if e.JWTs += o.JWTs; e.Until == nil || o.Until != nil && o.Until.After(*e.Until) {
		e.Until = o.Until
	}
	return e
}

// Rows keep orders beyond the life of a process.
type Rows interface {
	// Note writes an order down, in the transaction that makes it necessary where there is one. exec runs a
	// statement with question marks in it there. An order that is there already is one of now.
	Note(exec func(query string, args ...any) error, o Order) error
	// Add is Note on a connection of its own.
	Add(ctx context.Context, o Order) error
	// Due returns orders whose time has come.
	Due(ctx context.Context, now time.Time, limit int) ([]Order, error)
	// Put says how far an order is and when it is due again, and Remove crosses it out. Both leave an order alone that
	// was noted anew since.
	Put(ctx context.Context, o Order, due time.Time) error
	Remove(ctx context.Context, o Order) error
}
