package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// maxLifetime is what an access token may live: longer is a slip of configuration.
const maxLifetime = 24 * time.Hour

// idClaims are the claims of an ID token that the journey looks at. EmailVerified is a pointer
// because the claim must be there, whatever it says.
type idClaims struct {
	Email         string   `json:"email"`
	EmailVerified *bool    `json:"email_verified"`
	AMR           []string `json:"amr"`
	SessionID     string   `json:"sid"`
	Subject       string   `json:"sub"`
}

func (a *application) exchange(ctx context.Context, code, verifier string) (*oauth2.Token, error) {
	tokens, err := a.config.Exchange(a.context(ctx), code, oauth2.VerifierOption(verifier))
	return a.received(tokens, err)
}

func (a *application) refresh(ctx context.Context, refreshToken string) (*oauth2.Token, error) {
	source := a.config.TokenSource(a.context(ctx), &oauth2.Token{RefreshToken: refreshToken})
	tokens, err := source.Token()
	return a.received(tokens, err)
}

func (a *application) received(tokens *oauth2.Token, err error) (*oauth2.Token, error) {
	if err != nil {
		return nil, err
	}
	a.redactor.learn(tokens.AccessToken, tokens.RefreshToken, idTokenOf(tokens))
	if !strings.EqualFold(tokens.TokenType, "bearer") {
		return nil, fmt.Errorf("wanted token_type bearer, got %q", tokens.TokenType)
	}
	if life := time.Duration(tokens.ExpiresIn) * time.Second; life <= 0 || life > maxLifetime {
		return nil, fmt.Errorf("expires_in is %s, wanted between 0 and %s", life, maxLifetime)
	}
	return tokens, nil
}

func idTokenOf(tokens *oauth2.Token) string {
	raw, _ := tokens.Extra("id_token").(string)
	return raw
}

// verify checks the ID token as go-oidc does (signature, issuer, audience, expiry, at_hash) and
// that it answers the nonce; an empty nonce is not compared.
func (a *application) verify(ctx context.Context, tokens *oauth2.Token, nonce string) (idClaims, error) {
	claims := idClaims{}
	raw := idTokenOf(tokens)
	if raw == "" {
		return claims, errors.New("the answer has no id_token")
	}
	token, err := a.provider.VerifierContext(a.context(ctx), &oidc.Config{ClientID: a.config.ClientID}).
		Verify(ctx, raw)
	if err != nil {
		return claims, fmt.Errorf("verifying the ID token: %w", err)
	}
	if nonce != "" && token.Nonce != nonce {
		return claims, errors.New("the ID token carries another nonce than the request")
	}
	if err := token.VerifyAccessToken(tokens.AccessToken); err != nil {
		return claims, fmt.Errorf("checking at_hash of the ID token: %w", err)
	}
	if err := token.Claims(&claims); err != nil {
		return claims, fmt.Errorf("reading the claims of the ID token: %w", err)
	}
	if claims.Subject == "" {
		return claims, errors.New("the ID token has no sub")
	}
	return claims, nil
}

// refused checks that the token endpoint said no with invalid_grant: a failure of any other kind
// proves nothing about the token.
func refused(err error) error {
	if err == nil {
		return errors.New("wanted the token endpoint to refuse, got tokens")
	}
	answer := (*oauth2.RetrieveError)(nil)
	if !errors.As(err, &answer) {
		return fmt.Errorf("asking the token endpoint: %w", err)
	}
	if answer.Response.StatusCode != http.StatusBadRequest || answer.ErrorCode != "invalid_grant" {
		return fmt.Errorf("wanted 400 invalid_grant, got %d %s: %s", answer.Response.StatusCode,
			answer.ErrorCode, shorten(answer.ErrorDescription))
	}
	return nil
}

// tokenError tells what a token endpoint said without the body that oauth2 would print.
func tokenError(err error) error {
	answer := (*oauth2.RetrieveError)(nil)
	if errors.As(err, &answer) {
		return fmt.Errorf("the token endpoint answered %d %s: %s", answer.Response.StatusCode,
			answer.ErrorCode, shorten(answer.ErrorDescription))
	}
	return err
}

// standardClaims are those of scopes openid, email and profile (OpenID Connect Core 5.4), and those
// of the ID token that Hydra repeats.
func standardClaims() []string {
	return []string{
		"sub", "iss", "aud", "iat", "auth_time", "rat", "acr", "amr",
		"email", "email_verified",
		"name", "family_name", "given_name", "middle_name", "nickname", "preferred_username",
		"profile", "picture", "website", "gender", "birthdate", "zoneinfo", "locale", "updated_at",
	}
}
