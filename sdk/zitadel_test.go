package sdk

import (
	"errors"
	"net/http"
	"testing"

	"github.com/zitadel/oidc/v3/pkg/client/rp"
	"github.com/zitadel/oidc/v3/pkg/client/rs"
	httphelper "github.com/zitadel/oidc/v3/pkg/http"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"golang.org/x/oauth2"
)

// TestZitadelOIDC is an application with the handlers of zitadel/oidc, which keep state and verifier in cookies.
func TestZitadelOIDC(t *testing.T) {
	ctx, issuer := bounded(t), address(t, "HYDRA")
	app := newApplication(ctx, t, "zitadel/oidc")
	cookies := httphelper.NewCookieHandler([]byte("0123456789abcdef0123456789abcdef"), []byte("fedcba9876543210"), httphelper.WithUnsecure())
	scopes := []string{oidc.ScopeOpenID, oidc.ScopeOfflineAccess, oidc.ScopeEmail}
	party, err := rp.NewRelyingPartyOIDC(ctx, issuer, app.id, app.secret, app.base+"/callback", scopes,
		rp.WithCookieHandler(cookies), rp.WithPKCEFromDiscovery(cookies), rp.WithSigningAlgsFromDiscovery(), rp.WithAuthStyle(oauth2.AuthStyleInHeader))
	if err != nil {
		t.Fatal(err)
	}
	want(t, "PKCE by what the discovery document says", party.IsPKCE(), true)
	var tokens *oidc.Tokens[*oidc.IDTokenClaims]
	var user *oidc.UserInfo
	app.mux.Handle("GET /login", rp.AuthURLHandler(oauth2.GenerateVerifier, party))
	app.mux.Handle("GET /callback", rp.CodeExchangeHandler(rp.UserinfoCallback(
		func(_ http.ResponseWriter, _ *http.Request, got *oidc.Tokens[*oidc.IDTokenClaims], _ string, _ rp.RelyingParty, info *oidc.UserInfo) {
			tokens, user = got, info
		},
	), party))
	b := signedUp(ctx, t, address(t, "KRATOS"))
	app.signedIn(ctx, t, b)
	want(t, "the subject of the ID token", tokens.IDTokenClaims.Subject, b.subject)
	want(t, "the address in the ID token", tokens.IDTokenClaims.Email, b.email)
	want(t, "the subject of userinfo", user.Subject, b.subject)
	want(t, "the address of userinfo", user.Email, b.email)

	fresh, err := rp.RefreshTokens[*oidc.IDTokenClaims](ctx, party, tokens.RefreshToken, "", "")
	if err != nil {
		t.Fatal(err)
	}
	want(t, "the refresh token rotates", fresh.RefreshToken != tokens.RefreshToken, true)
	want(t, "the subject of a refreshed ID token", fresh.IDTokenClaims.Subject, b.subject)

	// Introspection is served on the admin listener only, and is not in the discovery document.
	server, err := rs.NewResourceServerClientCredentials(ctx, issuer, app.id, app.secret,
		rs.WithStaticEndpoints(party.OAuthConfig().Endpoint.TokenURL, address(t, "HYDRA_ADMIN")+"/admin/oauth2/introspect"))
	if err != nil {
		t.Fatal(err)
	}
	active := func() bool {
		t.Helper()
		found, err := rs.Introspect[*oidc.IntrospectionResponse](ctx, server, fresh.AccessToken)
		if err != nil {
			t.Fatal(err)
		}
		return found.Active
	}
	want(t, "active", active(), true)
	if err := rp.RevokeToken(ctx, party, fresh.RefreshToken, "refresh_token"); err != nil {
		t.Fatal(err)
	}
	want(t, "active after the revocation", active(), false)
	_, err = rp.RefreshTokens[*oidc.IDTokenClaims](ctx, party, fresh.RefreshToken, "", "")
	var refused *oidc.Error
	if !errors.As(err, &refused) || refused.ErrorType != oidc.InvalidGrant {
		t.Errorf("a refresh with a revoked token: got %v, want invalid_grant", err)
	}

	machine, err := rp.NewRelyingPartyOIDC(ctx, issuer, app.id, app.secret, "", []string{"read"}, rp.WithAuthStyle(oauth2.AuthStyleInHeader))
	if err != nil {
		t.Fatal(err)
	}
	own, err := rp.ClientCredentials(ctx, machine, nil)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "the scope of the application itself", own.Extra("scope"), any("read"))

	// It asks the endpoint itself, without the cookies of the person, and sends the browser where that says.
	to, err := rp.EndSession(ctx, party, fresh.IDToken, app.base+"/bye", "left", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	app.signedOut(ctx, t, b, to.String())
}
