package sdk

import (
	"errors"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// TestGoOIDC is an application with go-oidc and golang.org/x/oauth2, written as their documentation says.
func TestGoOIDC(t *testing.T) {
	ctx, issuer := bounded(t), address(t, "HYDRA")
	provider, err := oidc.NewProvider(ctx, issuer)
	if err != nil {
		t.Fatal(err)
	}
	app := newApplication(ctx, t, "go-oidc")
	config := oauth2.Config{
		ClientID: app.id, ClientSecret: app.secret, Endpoint: provider.Endpoint(), RedirectURL: app.base + "/callback",
		Scopes: []string{oidc.ScopeOpenID, oidc.ScopeOfflineAccess, "email"},
	}
	verifier, state, nonce := oauth2.GenerateVerifier(), oauth2.GenerateVerifier(), oauth2.GenerateVerifier()
	var tokens *oauth2.Token
	app.mux.HandleFunc("GET /login", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, config.AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier)), http.StatusFound)
	})
	app.mux.HandleFunc("GET /callback", func(w http.ResponseWriter, r *http.Request) {
		if got := r.URL.Query().Get("state"); got != state {
			http.Error(w, "the state is "+got, http.StatusBadRequest)
			return
		}
		var err error
		if tokens, err = config.Exchange(r.Context(), r.URL.Query().Get("code"), oauth2.VerifierOption(verifier)); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	})
	b := signedUp(ctx, t, address(t, "KRATOS"))
	app.signedIn(ctx, t, b)

	verified := func(t *testing.T, token *oauth2.Token) (raw string, id *oidc.IDToken) {
		t.Helper()
		raw, _ = token.Extra("id_token").(string)
		id, err := provider.Verifier(&oidc.Config{ClientID: app.id}).Verify(ctx, raw)
		if err != nil {
			t.Fatal(err)
		}
		want(t, "the subject of the ID token", id.Subject, b.subject)
		if err := id.VerifyAccessToken(token.AccessToken); err != nil {
			t.Error(err)
		}
		return raw, id
	}
	hint, id := verified(t, tokens)
	want(t, "the nonce", id.Nonce, nonce)
	var claims struct {
		Email string `json:"email"`
	}
	if err := id.Claims(&claims); err != nil {
		t.Fatal(err)
	}
	want(t, "the address in the ID token", claims.Email, b.email)
	user, err := provider.UserInfo(ctx, config.TokenSource(ctx, tokens))
	if err != nil {
		t.Fatal(err)
	}
	want(t, "the subject of userinfo", user.Subject, b.subject)
	want(t, "the address of userinfo", user.Email, b.email)

	old := *tokens
	old.Expiry = time.Now().Add(-time.Hour)
	fresh, err := config.TokenSource(ctx, &old).Token()
	if err != nil {
		t.Fatal(err)
	}
	want(t, "the refresh token rotates", fresh.RefreshToken != tokens.RefreshToken, true)
	verified(t, fresh)

	machine := clientcredentials.Config{ClientID: app.id, ClientSecret: app.secret, TokenURL: provider.Endpoint().TokenURL, Scopes: []string{"read"}}
	got, err := machine.Token(ctx)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "the scope of the application itself", got.Extra("scope"), any("read"))
	machine.Scopes = []string{"write"}
	_, err = machine.Token(ctx)
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) || refused.ErrorCode != "invalid_scope" {
		t.Errorf("a scope that it may not have: got %v, want invalid_scope", err)
	}

	// The library has no sign-out and no revocation: applications take their addresses from the document.
	var more struct {
		EndSession string `json:"end_session_endpoint"`
		Revocation string `json:"revocation_endpoint"`
	}
	if err := provider.Claims(&more); err != nil {
		t.Fatal(err)
	}
	want(t, "revocation_endpoint", more.Revocation, issuer+"/oauth2/revoke")
	app.signedOut(ctx, t, b, more.EndSession+"?"+url.Values{
		"id_token_hint": {hint}, "post_logout_redirect_uri": {app.base + "/bye"}, "state": {"left"},
	}.Encode())
}
