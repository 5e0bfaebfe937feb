package ops

import (
	"context"
	"fmt"
	"sync/atomic"

	"example.com/identityd/bench/flow"
	"example.com/identityd/bench/load"
	"example.com/identityd/bench/side"
	"example.com/identityd/bench/wire"
)

// Target is a side with the clients and people that it was given.
type Target struct {
	Name string
	Wire *wire.Client
	At   side.Addresses
	side.Population
	// Run tells the accounts of one run from those of an earlier one on the same database.
	Run string

	registered atomic.Int64
}

// Operation is something that people or applications do.
type Operation struct {
	// Name is that of its results.
	Name string
	// Title is what the table says.
	Title string
	// Hashes is set where a password is hashed, which takes more than everything else together.
	Hashes bool
	// Prepare makes what so many at once need, and returns the operation.
	Prepare func(ctx context.Context, t *Target, most int) (load.Do, error)
}

// All are the operations in the order of the table.
func All() []Operation {
	return []Operation{
		{Name: "client_credentials", Title: "client_credentials, opaque token", Prepare: clientCredentials},
		{Name: "client_credentials_jwt", Title: "client_credentials, JWT", Prepare: clientCredentialsJWT},
		{Name: "introspection", Title: "introspection", Prepare: introspection},
		{Name: "userinfo", Title: "userinfo", Prepare: userinfo},
		{Name: "refresh", Title: "refresh, rotating", Prepare: refresh},
		{Name: "whoami", Title: "whoami by cookie", Prepare: whoami},
		{Name: "flow_start", Title: "start of a login flow", Prepare: flowStart},
		{Name: "login_page", Title: "start of a login flow, with its page", Prepare: loginPage},
		{Name: "code_signed_in", Title: "whole code flow, already signed in", Prepare: codeSignedIn},
		{Name: "code", Title: "whole code flow with a password", Hashes: true, Prepare: code},
		{Name: "login", Title: "login by password", Hashes: true, Prepare: login},
		{Name: "registration", Title: "registration", Hashes: true, Prepare: registration},
		{Name: "discovery", Title: "discovery", Prepare: discovery},
		{Name: "jwks", Title: "JWKS", Prepare: jwks},
	}
}

// Named are the operations of those names, in that order.
func Named(names ...string) ([]Operation, error) {
	var out []Operation
next:
	for _, n := range names {
		for _, o := range All() {
			if o.Name == n {
				out = append(out, o)
				continue next
			}
		}
		return nil, fmt.Errorf("operation %q: there is none of that name", n)
	}
	return out, nil
}

// turns hands out the elements in turn.
type turns[T any] struct {
	of   []T
	next atomic.Uint64
}

func (t *turns[T]) take() T { return t.of[(t.next.Add(1)-1)%uint64(len(t.of))] }

func (t *Target) application(c side.Client, scope string) *flow.Application {
	return &flow.Application{Wire: t.Wire, At: t.At, Client: c, Scope: scope}
}
