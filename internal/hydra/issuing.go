package hydra

import (
	"context"
	"errors"
	"maps"
	"net/http"

	"github.com/ory/fosite"
	"github.com/ory/hydra/v2/client"
	"github.com/ory/hydra/v2/consent"
	"github.com/ory/hydra/v2/flow"
	hoauth2 "github.com/ory/hydra/v2/oauth2"

	"example.com/identityd/internal/identity"
)

// sidClaim is the one of the more claims of an ID token that Hydra itself puts in.
const sidClaim = "sid"

// issue is asked at the token endpoint when a grant is found good and nothing is stored yet. Upstream computes
// claims once, at the sign-in, and asks nobody at a refresh (docs/ory-quirks.md#q172).
func (e *Engine) issue(ctx context.Context, r fosite.AccessRequester) error {
	session, ok := r.GetSession().(*hoauth2.Session)
	if !ok || e.cfg.Issuing == nil {
		return nil
	}
	is := identity.Issuing{
		Grant: grantOf(r), Client: r.GetClient().GetID(), Subject: session.GetSubject(),
		Scopes: r.GetGrantedScopes(), Audience: r.GetGrantedAudience(), OnlyClaims: onlyClaims(r.GetClient()),
		Claims: withoutSID(session.IDTokenClaims().Extra), AccessTokenClaims: maps.Clone(session.Extra),
	}
	code := ""
	switch fosite.GrantType(is.Grant) {
	case fosite.GrantTypeClientCredentials:
		is.Subject = ""
	case fosite.GrantTypeAuthorizationCode:
		// What was granted is taken over only when the tokens are made.
		code = e.registry.OAuth2HMACStrategy().AuthorizeCodeSignature(ctx, r.GetRequestForm().Get("code"))
		of, err := e.registry.Persister().GetAuthorizeCodeSession(ctx, code, nil)
		if err != nil {
			return fosite.ErrServerError.WithWrap(err)
		}
		is.Scopes, is.Audience = of.GetGrantedScopes(), of.GetGrantedAudience()
	}
	if err := e.cfg.Issuing(ctx, &is); err != nil {
		return e.notIssued(ctx, r, code, err)
	}
	dress := func(s *hoauth2.Session) {
		s.Extra = maps.Clone(is.AccessTokenClaims)
		claims := s.IDTokenClaims()
		claims.Extra = withSID(is.Claims, claims.Extra)
	}
	dress(session)
	if code != "" {
		visitOf(ctx).dressWith(dress) // the session is read again from the rows of the code
	}
	return nil
}

// onlyClaims is what a client is narrowed to. One that nobody knows how to ask gets nothing.
func onlyClaims(c fosite.Client) []string {
	own, ok := c.(*client.Client)
	if !ok {
		return []string{}
	}
	return identity.OnlyClaims([]byte(own.Metadata))
}

func grantOf(r fosite.AccessRequester) string {
	if kinds := r.GetGrantTypes(); len(kinds) == 1 {
		return kinds[0]
	}
	return ""
}

// notIssued says why there is no token. The tokens of a person without access end: what came of the same grant
// here, the rest by the order that took the access (internal/offboard).
func (e *Engine) notIssued(ctx context.Context, r fosite.AccessRequester, code string, err error) error {
	if !errors.Is(err, identity.ErrNoAccess) {
		return refusal(err)
	}
	ended := e.revoke(ctx, r.GetID())
	if code != "" && ended == nil {
		ended = e.registry.Persister().InvalidateAuthorizeCodeSession(ctx, code)
	}
	if ended != nil && e.cfg.Families != nil {
		e.cfg.Families.Add(context.WithoutCancel(ctx), r.GetID())
	}
	return fosite.ErrInvalidGrant.WithHint("The account is disabled or deleted. All tokens of its grant have been revoked.")
}

// refusal words what whoever was asked says.
func refusal(err error) error {
	var known *identity.Error
	if errors.As(err, &known) && known.Code == identity.Forbidden {
		return fosite.ErrAccessDenied.WithHint(known.Message)
	}
	if known != nil && known.Code == identity.Unavailable {
		return fosite.ErrTemporarilyUnavailable.WithHint(known.Message)
	}
	return fosite.ErrServerError.WithWrap(err)
}

// Outside runs call while the request of ctx holds neither the lock of SQLite nor a place in this engine: who is
// called may take long.
func (e *Engine) Outside(ctx context.Context, call func()) {
	e.serial.Outside(ctx, func() { e.gate.Outside(ctx, func() { e.ceiling.Outside(ctx, call) }) })
}

// withoutSID are the claims that were computed for a person.
func withoutSID(extra map[string]any) map[string]any {
	out := maps.Clone(extra)
	delete(out, sidClaim)
	return out
}

// withSID are claims that were computed anew, and the session that the ID token is of.
func withSID(claims, before map[string]any) map[string]any {
	out := map[string]any{}
	maps.Copy(out, claims)
	if sid, ok := before[sidClaim]; ok {
		out[sidClaim] = sid
	}
	return out
}

// asking is the way through login and consent, and asks before the authorization endpoint itself hands out
// tokens. Those that a code is redeemed for are asked for at the token endpoint.
type asking struct {
	consent.Strategy
	engine *Engine
}

// HandleOAuth2AuthorizationRequest implements consent.Strategy.
func (a asking) HandleOAuth2AuthorizationRequest(
	ctx context.Context, w http.ResponseWriter, r *http.Request, req fosite.AuthorizeRequester,
) (*flow.AcceptOAuth2ConsentRequest, *flow.Flow, error) {
	granted, f, err := a.Strategy.HandleOAuth2AuthorizationRequest(ctx, w, r, req)
	if err != nil || a.engine.cfg.Issuing == nil || req.GetResponseTypes().ExactOne("code") {
		return granted, f, err
	}
	is := identity.Issuing{
		Grant: identity.GrantAuthorize, Client: req.GetClient().GetID(), Subject: granted.ConsentRequest.Subject,
		Scopes: granted.GrantedScope, Audience: granted.GrantedAudience, OnlyClaims: onlyClaims(req.GetClient()),
		Claims: maps.Clone(granted.Session.IDToken), AccessTokenClaims: maps.Clone(granted.Session.AccessToken),
	}
	switch err := a.engine.cfg.Issuing(ctx, &is); {
	case errors.Is(err, identity.ErrNoAccess):
		return nil, nil, fosite.ErrAccessDenied.WithHint("The account is disabled or deleted.")
	case err != nil:
		return nil, nil, refusal(err)
	}
	granted.Session.IDToken, granted.Session.AccessToken = is.Claims, is.AccessTokenClaims
	return granted, f, nil
}
