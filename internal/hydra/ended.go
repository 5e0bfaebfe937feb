package hydra

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/ory/fosite"
	"github.com/ory/hydra/v2/flow"
	hx "github.com/ory/hydra/v2/x"
	"github.com/ory/x/sqlcon"

	"example.com/identityd/internal/ory"
	"example.com/identityd/internal/signout"
)

// Logins returns the sessions of a person, or those that came of one of Kratos'. Hydra's API finds none by
// it; the table has an index by subject (docs/ory-quirks.md#q71).
func (e *Engine) Logins(ctx context.Context, s signout.Session) (out []signout.Login, err error) {
	p := e.registry.Persister()
	err = ory.Guard(name, func() error {
		var rows []flow.LoginSession
		q := p.Connection(ctx).Where("subject = ? AND nid = ?", s.Subject, p.NetworkID(ctx))
		if s.ID != "" {
			q = q.Where("identity_provider_session_id = ?", s.ID)
		}
		if err := q.All(&rows); err != nil {
			return err
		}
		for i := range rows {
			out = append(out, signout.Login{ID: rows[i].ID, Provider: rows[i].IdentityProviderSessionID.String()})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading sessions of hydra: %w", err)
	}
	return out, nil
}

// login returns a session, remembered or not.
func (e *Engine) login(ctx context.Context, id string) (*flow.LoginSession, error) {
	var s flow.LoginSession
	p := e.registry.Persister()
	err := sqlcon.HandleError(p.Connection(ctx).Where("id = ? AND nid = ?", id, p.NetworkID(ctx)).First(&s))
	if errors.Is(err, sqlcon.ErrNoRows) {
		return nil, hx.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return &s, nil
}

// EndLogin ends a session of Hydra as a logout does, but leaves Kratos alone: its session has ended. It
// returns the addresses that clients want opened in the browser.
func (e *Engine) EndLogin(ctx context.Context, subject, id string) (frames []string, err error) {
	err = errors.New("ended while waiting for its turn")
	e.serial.Do(ctx, func() {
		err = ory.Guard(name, func() error { frames, err = e.endLogin(ctx, subject, id); return err })
	})
	if err != nil {
		return nil, fmt.Errorf("ending a session of hydra: %w", err)
	}
	return frames, nil
}

func (e *Engine) endLogin(ctx context.Context, subject, id string) (frames []string, err error) {
	front, err := e.registry.ConsentManager().ListUserAuthenticatedClientsWithFrontChannelLogout(ctx, subject, id)
	if err != nil {
		return nil, err
	}
	issuer := e.registry.Config().IssuerURL(ctx).String()
	for i := range front {
		u, err := url.Parse(front[i].FrontChannelLogoutURI)
		if err != nil {
			continue // nobody can open it
		}
		q := u.Query()
		q.Set("iss", issuer)
		q.Set("sid", id)
		u.RawQuery = q.Encode()
		frames = append(frames, u.String())
	}
	// The message before the end: when this process dies in between, a client is told of a session that ends
	// a little later, and not never.
	if err := e.tell(ctx, subject, id); err != nil {
		return nil, err
	}
	if err := e.revokeGrants(ctx, id); err != nil {
		return nil, err
	}
	_, err = e.registry.ConsentManager().DeleteLoginSession(ctx, id)
	if errors.Is(err, sqlcon.ErrNoRows) || errors.Is(err, fosite.ErrNotFound) {
		err = nil
	}
	return frames, err
}
