package hydra

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ory/fosite"
	"github.com/ory/hydra/v2/client"
	hx "github.com/ory/hydra/v2/x"
)

func policy() *Registration {
	return &Registration{Hosts: []string{"app.example.com", "*.example.org"}, Schemes: []string{"com.example.app"}, Scopes: []string{"openid", "offline_access", "email"}, PerHour: 20}
}

func TestWhatAnApplicationMayRegister(t *testing.T) {
	const redirect = `"redirect_uris":["https://app.example.com/cb"]`
	for name, c := range map[string]struct{ sent, want string }{
		"what is left out gets the values of RFC 7591 and the scopes of the policy": {
			`{` + redirect + `}`,
			`{` + redirect + `,"grant_types":["authorization_code"],"response_types":["code"],"scope":"openid offline_access email","token_endpoint_auth_method":"client_secret_basic"}`,
		},
		"scopes that nobody may have are left out": {
			`{` + redirect + `,"scope":"openid admin","grant_types":["authorization_code","refresh_token"]}`,
			`{` + redirect + `,"grant_types":["authorization_code","refresh_token"],"response_types":["code"],"scope":"openid","token_endpoint_auth_method":"client_secret_basic"}`,
		},
		"loopback, hosts below one and schemes are places to come back to, and a page gets its origin": {
			`{"redirect_uris":["http://127.0.0.1/cb","http://localhost:8080/cb","https://a.b.example.org/cb","com.example.app:/cb"],"token_endpoint_auth_method":"none","scope":"openid"}`,
			`{"redirect_uris":["http://127.0.0.1/cb","http://localhost:8080/cb","https://a.b.example.org/cb","com.example.app:/cb"],"allowed_cors_origins":["https://a.b.example.org"],` +
				`"grant_types":["authorization_code"],"response_types":["code"],"scope":"openid","token_endpoint_auth_method":"none"}`,
		},
		"pages and logos of other hosts are left out": {
			`{` + redirect + `,"scope":"openid","logo_uri":"https://bank.example.net/logo.svg","client_uri":"https://app.example.com","tos_uri":"https://bank.example.net"}`,
			`{` + redirect + `,"client_uri":"https://app.example.com","grant_types":["authorization_code"],"response_types":["code"],"scope":"openid","token_endpoint_auth_method":"client_secret_basic"}`,
		},
		"what nobody knows is left out, and privileges that are sent back empty are no wish": {
			`{` + redirect + `,"scope":"openid","software_id":"x","client_id":"chosen","created_at":"2020-01-01T00:00:00Z","metadata":{},"skip_consent":false,"audience":[],"owner":"","client_secret_expires_at":0,` +
				`"authorization_code_grant_access_token_lifespan":null}`,
			`{` + redirect + `,"grant_types":["authorization_code"],"response_types":["code"],"scope":"openid","token_endpoint_auth_method":"client_secret_basic"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := policy().admit([]byte(c.sent))
			if err != nil {
				t.Fatal(err)
			}
			var got, want any
			if err := errors.Join(json.Unmarshal(out, &got), json.Unmarshal([]byte(c.want), &want)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhatAnApplicationMayNotRegister(t *testing.T) {
	const ok = `"redirect_uris":["https://app.example.com/cb"]`
	for field, list := range map[string][]string{
		"invalid_redirect_uri redirect_uris": {
			`{}`, `{"redirect_uris":[]}`, `{"redirect_uris":["https://evil.example.com/cb"]}`, `{"redirect_uris":["https://example.org/cb"]}`, `{"redirect_uris":["https://app.example.com.evil.net/"]}`,
			`{"redirect_uris":["http://app.example.com/cb"]}`, `{"redirect_uris":["https://app.example.com@evil.net/"]}`, `{"redirect_uris":["other.app:/cb"]}`, `{"redirect_uris":["javascript:alert(1)"]}`,
			`{"redirect_uris":["https://app.example.com/cb","https://evil.net/cb"]}`, `{"redirect_uris":["http://localhost.evil.net/"]}`, `{"redirect_uris":["http://127.0.0.1.evil.net/"]}`,
		},
		"invalid_client_metadata skip_consent":          {`{` + ok + `,"skip_consent":true}`, `{` + ok + `,"Skip_Consent":true}`, `{` + ok + `,"skip_consent":"true"}`},
		"invalid_client_metadata skip_logout_consent":   {`{` + ok + `,"skip_logout_consent":true}`},
		"invalid_client_metadata metadata":              {`{` + ok + `,"metadata":{"identityd_registration":{"verified":"2020-01-01T00:00:00Z"}}}`},
		"invalid_client_metadata audience":              {`{` + ok + `,"audience":["https://api.example.com"]}`},
		"invalid_client_metadata client_secret":         {`{` + ok + `,"client_secret":"chosen-chosen"}`},
		"invalid_client_metadata access_token_strategy": {`{` + ok + `,"access_token_strategy":"jwt"}`},
		"invalid_client_metadata owner":                 {`{` + ok + `,"owner":"me"}`},
		"invalid_client_metadata lifespan":              {`{` + ok + `,"authorization_code_grant_refresh_token_lifespan":"100000h"}`, `{` + ok + `,"REFRESH_TOKEN_GRANT_ACCESS_TOKEN_LIFESPAN":"100000h"}`},
		"invalid_client_metadata grant_types":           {`{` + ok + `,"grant_types":["client_credentials"]}`, `{` + ok + `,"grant_types":["authorization_code","implicit"]}`},
		"invalid_client_metadata response_types":        {`{` + ok + `,"response_types":["token"]}`, `{` + ok + `,"response_types":["code","id_token"]}`},
		"invalid_client_metadata scope":                 {`{` + ok + `,"scope":"admin"}`},
		"invalid_client_metadata auth_method":           {`{` + ok + `,"token_endpoint_auth_method":"client_secret_jwt"}`},
		"invalid_client_metadata allowed_cors_origins":  {`{` + ok + `,"allowed_cors_origins":["https://bank.example.net"]}`, `{` + ok + `,"allowed_cors_origins":["https://*.example.com"]}`},
		"invalid_client_metadata logout_uri":            {`{` + ok + `,"backchannel_logout_uri":"http://169.254.169.254/"}`, `{` + ok + `,"frontchannel_logout_uri":"https://evil.net/"}`},
		"invalid_client_metadata jwks_uri":              {`{` + ok + `,"jwks_uri":"https://10.0.0.1/keys"}`, `{` + ok + `,"jwks_uri":"http://app.example.com/keys"}`},
		"invalid_client_metadata client_name":           {`{` + ok + `,"client_name":"` + strings.Repeat("ä", 101) + `"}`},
		"invalid_client_metadata JSON":                  {``, `[]`, `null`, `{` + ok},
		"invalid_client_metadata form":                  {`{"redirect_uris":"https://app.example.com/cb"}`, `{` + ok + `,"grant_types":"authorization_code"}`},
	} {
		code, word, _ := strings.Cut(field, " ")
		for _, sent := range list {
			out, err := policy().admit([]byte(sent))
			var said *fosite.RFC6749Error
			if !errors.As(err, &said) || said.ErrorField != code || !strings.Contains(said.HintField, word) {
				t.Errorf("%s: got %s and %v, want %s that names %s", sent, out, err, code, word)
			}
		}
	}
}

// aloneClient is a manager that has one.
type aloneClient struct {
	client.Manager
	is client.Client
}

func (m *aloneClient) GetConcreteClient(context.Context, string) (*client.Client, error) {
	c := m.is
	return &c, nil
}

func (m *aloneClient) UpdateClient(_ context.Context, c *client.Client) error {
	m.is = *c
	return nil
}

func TestAnApplicationThatChangesItselfKeepsWhatOperatorsBounded(t *testing.T) {
	bound := hx.NullDuration{Duration: time.Minute, Valid: true}
	m := &aloneClient{is: client.Client{ID: "app", Metadata: newMark(), AccessTokenStrategy: "opaque"}}
	m.is.AuthorizationCodeGrantAccessTokenLifespan = bound
	if err := (registeredClients{Manager: m}).UpdateClient(t.Context(), &client.Client{ID: "app", Name: "another"}); err != nil {
		t.Fatal(err)
	}
	if got := m.is.AuthorizationCodeGrantAccessTokenLifespan; m.is.Name != "another" || got != bound || m.is.AccessTokenStrategy != "opaque" {
		t.Errorf("got %s with %v and %q", m.is.Name, got, m.is.AccessTokenStrategy)
	}
}

// FuzzRegistration holds that whatever is sent, nothing but what an application may say of itself comes out.
func FuzzRegistration(f *testing.F) {
	f.Add(`{"redirect_uris":["https://app.example.com/cb"],"skip_consent":false}`)
	f.Add(`{"redirect_uris":["http://127.0.0.1/"],"Metadata":{},"metadata":null}`)
	f.Fuzz(func(t *testing.T, sent string) {
		out, err := policy().admit([]byte(sent))
		if err != nil {
			return
		}
		var got map[string]json.RawMessage
		if err := json.Unmarshal(out, &got); err != nil {
			t.Fatal(err)
		}
		for name := range got {
			for _, bad := range privileges() {
				if strings.EqualFold(name, bad) {
					t.Errorf("%s came out of %s", name, sent)
				}
			}
		}
	})
}
