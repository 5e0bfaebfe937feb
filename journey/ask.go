package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

func (a *application) userinfo(ctx context.Context, accessToken string) (int, map[string]any, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.provider.UserInfoEndpoint(), nil)
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+accessToken)
	res, err := roundTrip(a.http, req)
	if err != nil {
		return 0, nil, fmt.Errorf("asking userinfo: %w", err)
	}
	if res.status != http.StatusOK {
		return res.status, nil, nil
	}
	claims := map[string]any{}
	if err := json.Unmarshal(res.body, &claims); err != nil {
		return res.status, nil, fmt.Errorf("reading userinfo: %w", err)
	}
	return res.status, claims, nil
}

// introspection is Hydra's answer about a token.
type introspection struct {
	Active   bool   `json:"active"`
	Scope    string `json:"scope"`
	ClientID string `json:"client_id"`
	Subject  string `json:"sub"`
	Issuer   string `json:"iss"`
	Use      string `json:"token_use"`
}

func (a *application) introspect(ctx context.Context, token string) (introspection, error) {
	found := introspection{}
	req, err := formRequest(ctx, a.at.HydraAdmin+"/admin/oauth2/introspect", url.Values{"token": {token}})
	if err != nil {
		return found, err
	}
	res, err := roundTrip(a.http, req)
	if err != nil {
		return found, fmt.Errorf("asking for introspection: %w", err)
	}
	if res.status != http.StatusOK {
		return found, fmt.Errorf("wanted introspection to answer 200, got %d: %s", res.status,
			shorten(string(res.body)))
	}
	if err := json.Unmarshal(res.body, &found); err != nil {
		return found, fmt.Errorf("reading the introspection: %w", err)
	}
	return found, nil
}

// revoke asks the revocation endpoint of the discovery document to end a token (RFC 7009).
func (a *application) revoke(ctx context.Context, endpoint, token string) error {
	req, err := formRequest(ctx, endpoint, url.Values{"token": {token}})
	if err != nil {
		return err
	}
	// RFC 6749 2.3.1: both are form-encoded before they become a Basic header.
	req.SetBasicAuth(url.QueryEscape(a.config.ClientID), url.QueryEscape(a.config.ClientSecret))
	res, err := roundTrip(a.http, req)
	if err != nil {
		return fmt.Errorf("asking for revocation: %w", err)
	}
	if res.status != http.StatusOK {
		return fmt.Errorf("wanted revocation to answer 200, got %d: %s", res.status,
			shorten(string(res.body)))
	}
	return nil
}

// dead checks that an access token opens nothing any more. Introspection joins in where the admin
// listener is on.
func (a *application) dead(ctx context.Context, accessToken string) error {
	status, _, err := a.userinfo(ctx, accessToken)
	if err != nil {
		return err
	}
	if status != http.StatusUnauthorized {
		return fmt.Errorf("wanted userinfo to answer 401 to a dead access token, got %d", status)
	}
	if a.at.HydraAdmin == "" {
		return nil
	}
	found, err := a.introspect(ctx, accessToken)
	if err != nil {
		return err
	}
	if found.Active {
		return errors.New("wanted introspection to call the access token inactive, it is active")
	}
	return nil
}

func (a *application) postJSON(ctx context.Context, address string, in, out any) (int, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := roundTrip(a.http, req)
	if err != nil {
		return 0, err
	}
	if err := json.Unmarshal(res.body, out); err != nil {
		return res.status, fmt.Errorf("reading the answer with status %d: %w", res.status, err)
	}
	return res.status, nil
}

func formRequest(ctx context.Context, address string, values url.Values) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address,
		strings.NewReader(values.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return req, nil
}
