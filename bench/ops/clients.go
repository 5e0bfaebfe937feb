package ops

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"example.com/identityd/bench/flow"
	"example.com/identityd/bench/load"
	"example.com/identityd/bench/side"
	"example.com/identityd/bench/wire"
)

func clientCredentials(_ context.Context, t *Target, _ int) (load.Do, error) {
	return t.grant(t.Confidential, func(token string) bool { return !strings.HasPrefix(token, "eyJ") })
}

// clientCredentialsJWT asks for a client whose access tokens are JWTs, which Hydra knows for each client, so that both forms are measured in one run.
func clientCredentialsJWT(_ context.Context, t *Target, _ int) (load.Do, error) {
	c := side.Client{ID: "bench-jwt-" + t.Run, Secret: "a secret that nobody guesses " + t.Run}
	body, err := json.Marshal(map[string]any{
		"client_id": c.ID, "client_secret": c.Secret, "grant_types": []string{"client_credentials"}, "access_token_strategy": "jwt",
		"token_endpoint_auth_method": "client_secret_basic",
	})
	if err != nil {
		return nil, fmt.Errorf("writing a client: %w", err)
	}
	r := wire.Request{Method: http.MethodPost, URL: t.At.HydraAdmin + "/admin/clients", Type: wire.JSON, Body: string(body)}
	err = t.Wire.Do(r, func(a *wire.Answer) error { return want(a, http.StatusCreated) })
	if err != nil {
		return nil, err
	}
	return t.grant([]side.Client{c}, func(token string) bool { return strings.Count(token, ".") == 2 })
}

func (t *Target) grant(clients []side.Client, form func(token string) bool) (load.Do, error) {
	next := &turns[*flow.Application]{}
	for _, c := range clients {
		next.of = append(next.of, t.application(c, ""))
	}
	if len(next.of) == 0 {
		return nil, errors.New("preparing client_credentials: the side has no confidential client")
	}
	return func(context.Context) error {
		got, err := next.take().Redeem(url.Values{"grant_type": {"client_credentials"}})
		if err == nil && !form(got.Access) {
			err = errors.New("the access token has the wrong form")
		}
		return err
	}, nil
}

func introspection(ctx context.Context, t *Target, _ int) (load.Do, error) {
	const tokens = 64
	next := &turns[[2]string]{}
	for i := range tokens {
		c := t.Confidential[i%len(t.Confidential)]
		got, err := t.application(c, "").Redeem(url.Values{"grant_type": {"client_credentials"}})
		if err != nil {
			return nil, err
		}
		next.of = append(next.of, [2]string{c.ID, got.Access})
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return func(context.Context) error {
		token := next.take()
		r := wire.Request{
			Method: http.MethodPost, URL: t.At.HydraAdmin + "/admin/oauth2/introspect", Type: wire.Form,
			Body: url.Values{"token": {token[1]}}.Encode(),
		}
		return t.Wire.Do(r, func(a *wire.Answer) error {
			var is struct {
				Active bool   `json:"active"`
				Client string `json:"client_id"`
			}
			if err := into(a, &is); err != nil {
				return err
			}
			if !is.Active || is.Client != token[0] {
				return fmt.Errorf("active is %t for client %q, want true for %q", is.Active, is.Client, token[0])
			}
			return nil
		})
	}, nil
}

func discovery(_ context.Context, t *Target, _ int) (load.Do, error) {
	return func(context.Context) error {
		return t.Wire.Do(wire.Request{Method: http.MethodGet, URL: t.At.OAuth2 + "/.well-known/openid-configuration"}, func(a *wire.Answer) error {
			var d struct {
				Token string `json:"token_endpoint"`
			}
			if err := into(a, &d); err != nil {
				return err
			}
			if !strings.HasPrefix(d.Token, t.At.OAuth2+"/") {
				return fmt.Errorf("the token endpoint is %q, not at %s", d.Token, t.At.OAuth2)
			}
			return nil
		})
	}, nil
}

func jwks(_ context.Context, t *Target, _ int) (load.Do, error) {
	return func(context.Context) error {
		return t.Wire.Do(wire.Request{Method: http.MethodGet, URL: t.At.OAuth2 + "/.well-known/jwks.json"}, func(a *wire.Answer) error {
			var set struct {
				Keys []struct {
					Type string `json:"kty"`
				} `json:"keys"`
			}
			if err := into(a, &set); err != nil {
				return err
			}
			if len(set.Keys) == 0 || set.Keys[0].Type == "" {
				return errors.New("there is no key in it")
			}
			return nil
		})
	}, nil
}

func want(a *wire.Answer, status int) error {
	if a.Status != status {
		return fmt.Errorf("want %d", status)
	}
	return nil
}

func into(a *wire.Answer, v any) error {
	if err := want(a, http.StatusOK); err != nil {
		return err
	}
	if err := json.Unmarshal(a.Body, v); err != nil {
		return fmt.Errorf("reading the answer: %w", err)
	}
	return nil
}
