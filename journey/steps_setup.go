package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
)

func (j *journey) discovery(ctx context.Context) (string, error) {
	found, err := j.app.discover(ctx)
	if err != nil {
		return "", err
	}
	j.endpoints = found
	base, err := url.Parse(j.at.Hydra)
	if err != nil {
		return "", fmt.Errorf("reading the issuer: %w", err)
	}
	for name, endpoint := range map[string]string{
		"authorization_endpoint": found.Authorization, "token_endpoint": found.Token,
		"userinfo_endpoint": found.Userinfo, "jwks_uri": found.Keys,
		"revocation_endpoint": found.Revocation, "end_session_endpoint": found.EndSession,
	} {
		u, err := url.Parse(endpoint)
		if err != nil || endpoint == "" || originOf(u) != originOf(base) {
			return "", fmt.Errorf("%s is %q, not an address of the issuer", name, endpoint)
		}
	}
	if !slices.Contains(found.Challenges, "S256") {
		return "", fmt.Errorf("code_challenge_methods_supported is %v, without S256", found.Challenges)
	}
	for _, scope := range []string{"openid", "offline_access"} {
		if !slices.Contains(found.Scopes, scope) {
			return "", fmt.Errorf("scopes_supported is %v, without %s", found.Scopes, scope)
		}
	}
	return "issuer " + j.at.Hydra, nil
}

func (j *journey) register(ctx context.Context) (string, error) {
	return "client_secret_basic, PKCE", j.app.register(ctx, allScopes)
}

// authorization checks that a person who is not signed in is asked to.
func (j *journey) authorization(ctx context.Context) (string, error) {
	j.try = j.app.authorize(allScopes)
	at, err := j.first.open(ctx, j.app.config.RedirectURL, j.try.address)
	if err != nil {
		return "", err
	}
	login, err := at.wantPage(http.StatusOK)
	if err != nil {
		return "", err
	}
	if err := j.onUI(login, "/login"); err != nil {
		return "", err
	}
	if _, err := login.form("identifier", "password"); err != nil {
		return "", err
	}
	j.page = login
	return "login page", nil
}

// signUp goes by the login page's own link, so the login challenge has to survive the detour.
func (j *journey) signUp(ctx context.Context) (string, error) {
	link, err := j.page.link("/registration")
	if err != nil {
		return "", err
	}
	at, err := j.first.click(ctx, j.page, link)
	if err != nil {
		return "", err
	}
	registration, err := at.wantPage(http.StatusOK)
	if err != nil {
		return "", err
	}
	if err := j.onUI(registration, "/registration"); err != nil {
		return "", err
	}
	f, err := registration.form("traits.email", "password")
	if err != nil {
		return "", err
	}
	err = errors.Join(f.fill("traits.email", j.email), f.fill("password", j.password))
	if err != nil {
		return "", err
	}
	if at, err = j.press(ctx, j.first, registration, f); err != nil {
		return "", err
	}
	if j.page, err = at.wantPage(http.StatusOK); err != nil {
		return "", err
	}
	if err := j.onUI(j.page, "/consent"); err != nil {
		return "", err
	}
	if _, err := j.whoami(ctx, j.first); err != nil {
		return "", fmt.Errorf("after sign-up: %w", err)
	}
	return "registered, signed in, on the consent page", nil
}

func (j *journey) onUI(p *page, path string) error {
	ui, err := url.Parse(j.at.UI)
	if err != nil {
		return fmt.Errorf("reading the address of the UI: %w", err)
	}
	if originOf(p.url) != originOf(ui) || p.url.Path != path {
		return fmt.Errorf("wanted %s of the UI, saw %s", path, p.seen())
	}
	return nil
}

// press sends a form by the button of one of those words.
func (j *journey) press(
	ctx context.Context, b *browser, p *page, f *form, words ...string,
) (landing, error) {
	with, err := f.press(words...)
	if err != nil {
		return landing{}, err
	}
	return b.submit(ctx, p, f, with)
}
