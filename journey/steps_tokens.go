package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"golang.org/x/oauth2"
)

// wrongVerifier spends the sign-up's code: who presents it without the verifier stole it, so it must
// be worth nothing afterwards, even with the right one.
func (j *journey) wrongVerifier(ctx context.Context) (string, error) {
	_, err := j.app.exchange(ctx, j.code, oauth2.GenerateVerifier())
	if err := refused(err); err != nil {
		return "", fmt.Errorf("with a wrong verifier: %w", err)
	}
	_, err = j.app.exchange(ctx, j.code, j.try.verifier)
	if err := refused(err); err != nil {
		return "", fmt.Errorf("with the right verifier after a wrong one: %w", err)
	}
	return "400 invalid_grant, and the code is burnt", nil
}

func (j *journey) exchange(ctx context.Context) (string, error) {
	var err error
	if j.tokens, err = j.app.exchange(ctx, j.code, j.try.verifier); err != nil {
		return "", fmt.Errorf("exchanging the code: %w", tokenError(err))
	}
	if j.claims, err = j.app.verify(ctx, j.tokens, j.try.nonce); err != nil {
		return "", err
	}
	granted, _ := j.tokens.Extra("scope").(string)
	if err := sameScopes(granted, allScopes); err != nil {
		return "", err
	}
	id, err := j.whoami(ctx, j.second)
	if err != nil {
		return "", err
	}
	switch c := j.claims; {
	case j.tokens.RefreshToken == "":
		return "", errors.New("offline_access was granted, but there is no refresh token")
	case c.Subject != id:
		return "", errors.New("sub of the ID token is not the identity's id")
	case c.Email != j.email:
		return "", fmt.Errorf("email of the ID token is %q, wanted %q", c.Email, j.email)
	case c.EmailVerified == nil:
		return "", errors.New("the ID token has no email_verified")
	case !slices.Contains(c.AMR, "password"):
		return "", fmt.Errorf("amr of the ID token is %v, without password", c.AMR)
	case c.SessionID == "":
		return "", errors.New("the ID token has no sid")
	}
	return fmt.Sprintf("ID token sound, amr %v, expires in %d s", j.claims.AMR, j.tokens.ExpiresIn), nil
}

func (j *journey) userinfo(ctx context.Context) (string, error) {
	status, claims, err := j.app.userinfo(ctx, j.tokens.AccessToken)
	if err != nil {
		return "", err
	}
	if status != http.StatusOK {
		return "", fmt.Errorf("wanted userinfo to answer 200, got %d", status)
	}
	_, told := claims["email_verified"].(bool)
	if claims["sub"] != j.claims.Subject || claims["email"] != j.email || !told {
		return "", fmt.Errorf("userinfo has not the sub, email and email_verified of the person: %v", claims)
	}
	// Of the OpenID Connect claims those of the scopes that nobody asked for.
	for _, name := range []string{"phone_number", "phone_number_verified", "address"} {
		if _, there := claims[name]; there {
			return "", fmt.Errorf("userinfo has claim %s, whose scope was not asked for", name)
		}
	}
	// Nothing outside the standard may slip from the identity's traits into a token.
	for name := range claims {
		if !slices.Contains(standardClaims(), name) {
			return "", fmt.Errorf("userinfo has claim %s, which no granted scope stands for", name)
		}
	}
	return fmt.Sprintf("%d claims", len(claims)), nil
}

func (j *journey) introspection(ctx context.Context) (string, error) {
	found, err := j.app.introspect(ctx, j.tokens.AccessToken)
	if err != nil {
		return "", err
	}
	switch {
	case !found.Active:
		return "", errors.New("introspection calls a fresh access token inactive")
	case found.ClientID != j.app.config.ClientID, found.Subject != j.claims.Subject:
		return "", errors.New("introspection names another client or subject")
	case found.Issuer != j.at.Hydra:
		return "", fmt.Errorf("introspection names issuer %q", found.Issuer)
	case found.Use != "access_token":
		return "", fmt.Errorf("introspection calls the access token a %q", found.Use)
	}
	return "active", sameScopes(found.Scope, allScopes)
}

// usedCode presents a code a second time: RFC 6749 4.1.2 asks that its tokens die with it.
func (j *journey) usedCode(ctx context.Context) (string, error) {
	_, err := j.app.exchange(ctx, j.code, j.try.verifier)
	if err := refused(err); err != nil {
		return "", err
	}
	if err := j.app.dead(ctx, j.tokens.AccessToken); err != nil {
		return "", err
	}
	_, err = j.app.refresh(ctx, j.tokens.RefreshToken)
	if err := refused(err); err != nil {
		return "", fmt.Errorf("refreshing with a token of the used code: %w", err)
	}
	return "400 invalid_grant, access and refresh token dead", nil
}

// refresh keeps the old tokens for the step after it.
func (j *journey) refresh(ctx context.Context) (string, error) {
	fresh, err := j.app.refresh(ctx, j.tokens.RefreshToken)
	if err != nil {
		return "", fmt.Errorf("refreshing: %w", tokenError(err))
	}
	if fresh.AccessToken == j.tokens.AccessToken || fresh.RefreshToken == j.tokens.RefreshToken {
		return "", errors.New("refreshing gave a token that was there before")
	}
	claims, err := j.app.verify(ctx, fresh, "")
	if err != nil {
		return "", err
	}
	if claims.Subject != j.claims.Subject || claims.SessionID != j.claims.SessionID {
		return "", errors.New("the refreshed ID token names another person or session")
	}
	status, _, err := j.app.userinfo(ctx, fresh.AccessToken)
	if err != nil {
		return "", err
	}
	if status != http.StatusOK {
		return "", fmt.Errorf("wanted userinfo to take the refreshed token, got %d", status)
	}
	j.used, j.tokens = j.tokens, fresh
	return "tokens rotated, same person and session", nil
}

// usedRefreshToken presents a refresh token a second time: RFC 6819 5.2.2.3 takes it for stolen, and
// ends all that came of it.
func (j *journey) usedRefreshToken(ctx context.Context) (string, error) {
	_, err := j.app.refresh(ctx, j.used.RefreshToken)
	if err := refused(err); err != nil {
		return "", err
	}
	for what, token := range map[string]string{
		"first": j.used.AccessToken, "second": j.tokens.AccessToken,
	} {
		if err := j.app.dead(ctx, token); err != nil {
			return "", fmt.Errorf("the %s access token of the family: %w", what, err)
		}
	}
	_, err = j.app.refresh(ctx, j.tokens.RefreshToken)
	if err := refused(err); err != nil {
		return "", fmt.Errorf("the newest refresh token of the family: %w", err)
	}
	return "400 invalid_grant, the whole family dead", nil
}

func (j *journey) revocation(ctx context.Context) (string, error) {
	if err := j.silently(ctx); err != nil {
		return "", err
	}
	if err := j.app.revoke(ctx, j.endpoints.Revocation, j.tokens.RefreshToken); err != nil {
		return "", err
	}
	_, err := j.app.refresh(ctx, j.tokens.RefreshToken)
	if err := refused(err); err != nil {
		return "", fmt.Errorf("refreshing with a revoked token: %w", err)
	}
	if err := j.silently(ctx); err != nil {
		return "", err
	}
	if err := j.app.revoke(ctx, j.endpoints.Revocation, j.tokens.AccessToken); err != nil {
		return "", err
	}
	if err := j.app.dead(ctx, j.tokens.AccessToken); err != nil {
		return "", err
	}
	return "refresh token and access token revoked", nil
}
