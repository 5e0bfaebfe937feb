package hydra

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/ory/fosite"
	"github.com/ory/hydra/v2/flow"
	"github.com/ory/hydra/v2/oauth2/flowctx"
	hx "github.com/ory/hydra/v2/x"
	"github.com/ory/hydra/v2/x/events"
	"github.com/ory/x/sqlxx"

	"example.com/identityd/internal/identity"
)

// pathAnswer is where logins are read and accepted in this process. Hydra's own API says neither when
// the application asked nor lets anybody say when the person signed in (docs/ory-quirks.md#q63).
const pathAnswer = "/identityd/login"

// logins answers pathAnswer for calls of this process, and leaves everything else to next.
func (e *Engine) logins(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != pathAnswer || "http://"+r.Host != InProcessAdmin {
			next.ServeHTTP(w, r)
			return
		}
		challenge := r.URL.Query().Get("login_challenge")
		var out any
		var err error
		if r.Method == http.MethodPut {
			var grant identity.LoginGrant
			if err = json.NewDecoder(r.Body).Decode(&grant); err == nil {
				out, err = e.acceptLogin(w, r, challenge, grant)
			}
		} else {
			out, err = e.readLogin(r.Context(), challenge)
		}
		if err != nil {
			e.registry.Writer().WriteError(w, r, err)
			return
		}
		e.registry.Writer().Write(w, r, out)
	})
}

// readLogin returns a login request with the time at which the application asked.
func (e *Engine) readLogin(ctx context.Context, challenge string) (*identity.LoginRequest, error) {
	asked, err := e.registry.ConsentManager().GetLoginRequest(ctx, challenge)
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(asked)
	if err != nil {
		return nil, fmt.Errorf("encoding a login request: %w", err)
	}
	var out identity.LoginRequest
	if err := json.Unmarshal(raw, &out); err != nil {
		return nil, fmt.Errorf("decoding a login request: %w", err)
	}
	out.RequestedAt = asked.RequestedAt
	return &out, nil
}

// acceptLogin accepts as Hydra does (hydra: consent/handler.go acceptOAuth2LoginRequest), but with the
// time at which the person did sign in, by which Hydra itself then judges prompt=login and max_age.
//
// A person who is not the one of Hydra's remembered session starts over without it
// (docs/ory-quirks.md#q65).
func (e *Engine) acceptLogin(
	w http.ResponseWriter, r *http.Request, challenge string, grant identity.LoginGrant,
) (*flow.OAuth2RedirectTo, error) {
	ctx := r.Context()
	if grant.Subject == "" || grant.AuthenticatedAt.IsZero() {
		return nil, fosite.ErrInvalidRequest.WithHint("Subject and time of the sign-in are missing.")
	}
	manager := e.registry.ConsentManager()
	asked, err := manager.GetLoginRequest(ctx, challenge)
	if err != nil {
		return nil, err
	}
	if asked.Subject != "" && asked.Subject != grant.Subject {
		if err := e.leaving.HandleHeadlessLogout(ctx, w, r, asked.SessionID.String()); err != nil {
			return nil, fmt.Errorf("ending the session of somebody else: %w", err)
		}
		return &flow.OAuth2RedirectTo{RedirectTo: asked.RequestURL}, nil
	}
	at := e.past(grant.AuthenticatedAt.UTC().Truncate(time.Second), asked.RequestedAt)
	if asked.Skip {
		if at, err = e.renewLogin(ctx, asked, grant, at); err != nil {
			return nil, err
		}
		at = e.past(at, asked.RequestedAt)
	}
	f, err := flowctx.Decode[flow.Flow](ctx, e.registry.FlowCipher(), challenge, flowctx.AsLoginChallenge)
	if err != nil {
		return nil, fosite.ErrNotFound.WithWrap(err)
	}
	handled := flow.HandledLoginRequest{
		Subject: grant.Subject, IdentityProviderSessionID: grant.SessionID,
		AMR: grant.AMR, ACR: grant.ACR,
		// Always remembered, or Hydra could end nothing at a logout. Without a number of seconds the
		// cookie ends with the browser (docs/ory-quirks.md#q66).
		Remember:    true,
		RequestedAt: asked.RequestedAt, AuthenticatedAt: sqlxx.NullTime(at),
	}
	if grant.Keep {
		handled.RememberFor = int(grant.KeepFor)
	}
	if _, err := manager.HandleLoginRequest(ctx, f, challenge, &handled); err != nil {
		return nil, err
	}
	verifier, err := f.ToLoginVerifier(ctx, e.registry)
	if err != nil {
		return nil, fmt.Errorf("sealing a login verifier: %w", err)
	}
	to, err := url.Parse(asked.RequestURL)
	if err != nil {
		return nil, fmt.Errorf("reading an authorization request: %w", err)
	}
	query := to.Query()
	query.Set("login_verifier", verifier)
	to.RawQuery = query.Encode()
	// As Hydra's own handler does.
	events.Trace(ctx, events.LoginAccepted, events.WithClientID(asked.Client.GetID()), events.WithSubject(grant.Subject))
	return &flow.OAuth2RedirectTo{RedirectTo: to.String()}, nil
}

// past is when a person signed in, by this clock. A sign-in in the future was written by a clock that was ahead
// of this one, or that was set back since; Hydra fails at it (docs/ory-quirks.md#q114). All that is known of it is
// that it was not after the application asked, which is also what Hydra wants to read.
func (e *Engine) past(at, asked time.Time) time.Time {
	now := time.Now().UTC().Truncate(time.Second)
	if e.cfg.FutureSignIns || !at.After(now) {
		return at
	}
	if asked = asked.UTC().Truncate(time.Second); asked.Before(now) {
		return asked
	}
	return now
}

// renewLogin ties Hydra's remembered session to the session that the person has now: Hydra itself keeps
// the one it began with, and a logout would end that one (docs/ory-quirks.md#q65).
func (e *Engine) renewLogin(
	ctx context.Context, asked *flow.LoginRequest, grant identity.LoginGrant, at time.Time,
) (time.Time, error) {
	manager := e.registry.ConsentManager()
	known, err := manager.GetRememberedLoginSession(ctx, nil, asked.SessionID.String())
	if errors.Is(err, hx.ErrNotFound) {
		return at, nil // it ended meanwhile, and Hydra says so
	}
	if err != nil {
		return at, err
	}
	if known.IdentityProviderSessionID.String() == grant.SessionID && !time.Time(known.AuthenticatedAt).Before(at) {
		return time.Time(known.AuthenticatedAt), nil
	}
	err = manager.ConfirmLoginSession(ctx, &flow.LoginSession{
		ID: asked.SessionID.String(), Subject: asked.Subject, Remember: true,
		AuthenticatedAt: sqlxx.NullTime(at), IdentityProviderSessionID: sqlxx.NullString(grant.SessionID),
	})
	if err != nil {
		return at, fmt.Errorf("renewing a remembered session: %w", err)
	}
	return at, nil
}
