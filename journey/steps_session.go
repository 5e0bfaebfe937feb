package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// logout begins at the application (OpenID Connect RP-Initiated Logout 1.0), asks the person, and
// ends at the application.
func (j *journey) logout(ctx context.Context) (string, error) {
	if _, err := j.whoami(ctx, j.second); err != nil {
		return "", fmt.Errorf("before logout: %w", err)
	}
	state := j.app.authorize("").state
	address := j.endpoints.EndSession + "?" + url.Values{
		"id_token_hint": {idTokenOf(j.tokens)}, "post_logout_redirect_uri": {j.app.postLogout},
		"state": {state},
	}.Encode()
	at, err := j.second.open(ctx, j.app.config.RedirectURL, address)
	if err != nil {
		return "", err
	}
	question, err := at.wantPage(http.StatusOK)
	if err != nil {
		return "", err
	}
	if err := j.onUI(question, "/logout"); err != nil {
		return "", err
	}
	if err := j.forgedPost(ctx, j.second, question, "logout_challenge", "yes"); err != nil {
		return "", err
	}
	if _, err := j.whoami(ctx, j.second); err != nil {
		return "", fmt.Errorf("after a forged logout: %w", err)
	}
	f, err := question.form("logout_challenge")
	if err != nil {
		return "", err
	}
	if at, err = j.press(ctx, j.second, question, f, "yes"); err != nil {
		return "", err
	}
	back, err := at.wantCallback()
	if err != nil {
		return "", err
	}
	if place(back) != j.app.postLogout || back.Query().Get("state") != state {
		return "", fmt.Errorf("wanted post_logout_redirect_uri with the state, was sent to %s",
			place(back))
	}
	return "asked, answered yes, back at the application", nil
}

// sessionGone checks both sides of the single session: this browser is out, the other one is not.
func (j *journey) sessionGone(ctx context.Context) (string, error) {
	status, _, err := j.askWhoami(ctx, j.second)
	if err != nil {
		return "", err
	}
	if status != http.StatusUnauthorized {
		return "", fmt.Errorf("wanted whoami to answer 401 after logout, got %d", status)
	}
	if _, err := j.whoami(ctx, j.first); err != nil {
		return "", fmt.Errorf("in the browser that did not sign out: %w", err)
	}
	return "whoami 401, the other browser still signed in", nil
}

func (j *journey) loginRequired(ctx context.Context) (string, error) {
	j.try = j.app.authorize(allScopes, "prompt", "none")
	at, err := j.second.open(ctx, j.app.config.RedirectURL, j.try.address)
	if err != nil {
		return "", err
	}
	return "error=login_required", j.app.refusal(j.try, at, "login_required")
}

// nextSecond waits for it: times of sign-ins are in whole seconds, so that one of this second is not before
// what is asked now.
func nextSecond(ctx context.Context) error {
	t := time.NewTimer(time.Until(time.Now().Truncate(time.Second).Add(time.Second)))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// reauthenticate asks for a password in a browser that is signed in, as an application does before
// something dear.
func (j *journey) reauthenticate(ctx context.Context) (string, error) {
	before := j.claims
	if err := nextSecond(ctx); err != nil {
		return "", err
	}
	j.try = j.app.authorize(allScopes, "prompt", "login consent")
	at, err := j.first.open(ctx, j.app.config.RedirectURL, j.try.address)
	if err != nil {
		return "", err
	}
	login, err := at.wantPage(http.StatusOK)
	if err != nil {
		return "", err
	}
	consent, err := j.passLogin(ctx, j.first, login)
	if err != nil {
		return "", err
	}
	f, err := j.lookOver(consent)
	if err != nil {
		return "", err
	}
	if at, err = j.answerConsent(ctx, j.first, consent, f, false, "allow"); err != nil {
		return "", err
	}
	if err := j.redeem(ctx, at); err != nil {
		return "", err
	}
	if j.claims.Subject != before.Subject {
		return "", errors.New("signing in again gave another person")
	}
	if !slices.Contains(j.claims.AMR, "password") {
		return "", fmt.Errorf("amr after signing in again is %v, without password", j.claims.AMR)
	}
	return "password asked, same person", nil
}
