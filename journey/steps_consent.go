package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// allow answers the first browser's consent page, without "remember", after looking it over.
func (j *journey) allow(ctx context.Context) (string, error) {
	f, err := j.lookOver(j.page)
	if err != nil {
		return "", err
	}
	if err := j.forgedPost(ctx, j.first, j.page, "grant_scope", "allow"); err != nil {
		return "", err
	}
	at, err := j.answerConsent(ctx, j.first, j.page, f, false, "allow")
	if err != nil {
		return "", err
	}
	j.code, err = j.app.code(j.try, at)
	return "forged post refused, code received", err
}

// lookOver checks that the consent page tells who asks for what, and that openid is not optional.
func (j *journey) lookOver(p *page) (*form, error) {
	redirect, err := url.Parse(j.app.config.RedirectURL)
	if err != nil {
		return nil, fmt.Errorf("reading the redirect_uri: %w", err)
	}
	for what, words := range map[string]string{
		"the application's name": j.app.name, "the redirect host": redirect.Hostname(),
	} {
		if !strings.Contains(p.text(), words) {
			return nil, fmt.Errorf("the consent page does not show %s %q: %s", what, words, p.seen())
		}
	}
	f, err := p.form("grant_scope")
	if err != nil {
		return nil, err
	}
	for scope := range strings.FieldsSeq(allScopes) {
		asked := func(x *field) bool { return x.name == "grant_scope" && x.value == scope }
		if scope != "openid" && !slices.ContainsFunc(f.fields, asked) {
			return nil, fmt.Errorf("the consent page does not ask for scope %s: %s", scope, p.seen())
		}
	}
	if err := f.tick("grant_scope", "openid", true); err == nil {
		return nil, errors.New("the consent page lets openid be unticked")
	}
	return f, nil
}

// forgedPost sends a copy of a form with a foreign CSRF token. The form that the person sees stays
// as it was, so the honest answer after it shows that a forgery does no harm.
func (j *journey) forgedPost(ctx context.Context, b *browser, p *page, named, word string) error {
	f, err := p.form(named)
	if err != nil {
		return err
	}
	if err := f.tamper("csrf_token", "forged"); err != nil {
		return err
	}
	at, err := j.press(ctx, b, p, f, word)
	if err != nil {
		return fmt.Errorf("sending a forged form: %w", err)
	}
	if _, err := at.wantPage(http.StatusForbidden); err != nil {
		return fmt.Errorf("sending a forged form: %w", err)
	}
	return nil
}

func (j *journey) answerConsent(
	ctx context.Context, b *browser, p *page, f *form, remember bool, word string,
) (landing, error) {
	if err := f.tick("remember", "true", remember); err != nil {
		return landing{}, err
	}
	return j.press(ctx, b, p, f, word)
}

// deny signs in anew in the browser that was signed out, and refuses the application.
func (j *journey) deny(ctx context.Context) (string, error) {
	// The consent of this person is remembered by now: without the prompt nobody would be asked.
	j.try = j.app.authorize(allScopes, "prompt", "consent")
	at, err := j.second.open(ctx, j.app.config.RedirectURL, j.try.address)
	if err != nil {
		return "", err
	}
	login, err := at.wantPage(http.StatusOK)
	if err != nil {
		return "", err
	}
	consent, err := j.passLogin(ctx, j.second, login)
	if err != nil {
		return "", err
	}
	f, err := j.lookOver(consent)
	if err != nil {
		return "", err
	}
	if at, err = j.answerConsent(ctx, j.second, consent, f, false, "deny"); err != nil {
		return "", err
	}
	return "error=access_denied", j.app.refusal(j.try, at, "access_denied")
}

// unticked grants all but email, in the browser that has been signed in since the sign-up.
func (j *journey) unticked(ctx context.Context) (string, error) {
	j.try = j.app.authorize(allScopes, "prompt", "consent")
	at, err := j.first.open(ctx, j.app.config.RedirectURL, j.try.address)
	if err != nil {
		return "", err
	}
	consent, err := at.wantPage(http.StatusOK)
	if err != nil {
		return "", err
	}
	if err := j.onUI(consent, "/consent"); err != nil {
		return "", fmt.Errorf("the first browser is still signed in: %w", err)
	}
	f, err := j.lookOver(consent)
	if err != nil {
		return "", err
	}
	if err := f.tick("grant_scope", "email", false); err != nil {
		return "", err
	}
	if at, err = j.answerConsent(ctx, j.first, consent, f, false, "allow"); err != nil {
		return "", err
	}
	if err := j.redeem(ctx, at); err != nil {
		return "", err
	}
	granted, _ := j.tokens.Extra("scope").(string)
	if err := sameScopes(granted, "openid offline_access profile"); err != nil {
		return "", err
	}
	_, claims, err := j.app.userinfo(ctx, j.tokens.AccessToken)
	if err != nil {
		return "", err
	}
	if claims["sub"] != j.claims.Subject {
		return "", errors.New("userinfo does not answer for the person of the ID token")
	}
	for _, name := range []string{"email", "email_verified"} {
		if _, there := claims[name]; there {
			return "", fmt.Errorf("userinfo has claim %s, which was not granted", name)
		}
	}
	if j.claims.Email != "" || j.claims.EmailVerified != nil {
		return "", errors.New("the ID token has email claims, which were not granted")
	}
	return "granted " + granted, nil
}

func sameScopes(got, want string) error {
	g, w := strings.Fields(got), strings.Fields(want)
	slices.Sort(g)
	slices.Sort(w)
	if !slices.Equal(g, w) {
		return fmt.Errorf("granted scopes are %v, wanted %v", g, w)
	}
	return nil
}
