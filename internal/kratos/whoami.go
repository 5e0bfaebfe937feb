package kratos

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	ksession "github.com/ory/kratos/session"

	"example.com/identityd/internal/identity"
)

// Whoami returns the session of a browser with all that is known of its person, also what only administrators see:
// GET /sessions/whoami leaves that out, and takes a token in a header for a browser too
// (docs/ory-quirks.md#q197). It costs the same one statement, and writes nothing.
func (e *Engine) Whoami(ctx context.Context, cookie string) (*identity.Session, error) {
	if cookie == "" {
		return nil, &identity.Error{Code: identity.NoSession, Message: "You are not signed in."}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, inProcessPublic, nil)
	if err != nil {
		return nil, fmt.Errorf("asking for a session: %w", err)
	}
	r.Header.Set("Cookie", cookie)
	s, err := e.registry.SessionManager().FetchFromRequest(ctx, r)
	if none := new(ksession.ErrNoActiveSessionFound); errors.As(err, &none) {
		return nil, &identity.Error{Code: identity.NoSession, Message: "You are not signed in.", Err: err}
	}
	if err != nil {
		return nil, fmt.Errorf("reading a session: %w", err)
	}
	err = e.registry.SessionManager().DoesSessionSatisfy(ctx, s, e.registry.Config().SessionWhoAmIAAL(ctx))
	if missing := new(ksession.ErrAALNotSatisfied); errors.As(err, &missing) {
		return nil, &identity.Error{Code: identity.AALRequired, Message: "A second step is needed to sign in.", Err: err}
	}
	if err != nil {
		return nil, fmt.Errorf("reading the level of a session: %w", err)
	}
	person, err := personOf(s.Identity)
	if err != nil {
		return nil, err
	}
	out := sessionOf(*s)
	out.Identity = *person
	return &out, nil
}
