package hydra

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	hclient "github.com/ory/hydra/v2/client"

	"example.com/identityd/internal/declare"
	"example.com/identityd/internal/ory"
)

// clientsAnswering returns a registry over a handler that answers one thing, and what it was asked.
func clientsAnswering(t *testing.T, status int, body string) (*Clients, *seen) {
	t.Helper()
	got := &seen{}
	tr := &ory.Transport{Name: "hydra admin"}
	tr.Serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		*got = seen{Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery}
		if len(raw) > 0 {
			if err := json.Unmarshal(raw, &got.Body); err != nil {
				t.Error(err)
			}
		}
		w.WriteHeader(status)
		w.Write([]byte(body))
	}))
	return NewClients(tr), got
}

// fullClient has every field set.
func fullClient() declare.Client {
	return declare.Client{
		ID: "app", Name: "App", Secret: "the-secret",
		RedirectURIs:           []string{"https://a.example/cb"},
		PostLogoutRedirectURIs: []string{"https://a.example/bye"},
		Origins:                []string{"https://a.example"},
		GrantTypes:             []string{"authorization_code", "refresh_token"},
		ResponseTypes:          []string{"code"},
		Scopes:                 []string{"openid", "email"},
		Audience:               []string{"https://api.example"},
		AuthMethod:             "client_secret_post",
		JWKSURI:                "https://a.example/keys",
		AccessTokens:           "jwt",
		SkipConsent:            true,
		SkipLogoutConsent:      true,
		FrontchannelLogoutURI:  "https://a.example/front",
		BackchannelLogoutURI:   "https://a.example/back",
		URI:                    "https://a.example",
		LogoURI:                "https://a.example/logo",
		PolicyURI:              "https://a.example/policy",
		TermsURI:               "https://a.example/terms",
		Contacts:               []string{"help@a.example"},
	}
}

func TestClientBodyIsHydrasOwn(t *testing.T) {
	full := reflect.ValueOf(fullClient())
	for i := range full.NumField() {
		if full.Field(i).IsZero() {
			t.Errorf("field %s is not tried", full.Type().Field(i).Name)
		}
	}
	raw, err := json.Marshal(clientBody(fullClient(), json.RawMessage(`{"k":"v"}`)))
	if err != nil {
		t.Fatal(err)
	}
	// Strict: a name that Hydra does not know would be dropped without a word.
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	var got hclient.Client
	if err := dec.Decode(&got); err != nil {
		t.Fatal(err)
	}
	want := hclient.Client{
		ID: "app", Name: "App", Secret: "the-secret",
		RedirectURIs:                      []string{"https://a.example/cb"},
		PostLogoutRedirectURIs:            []string{"https://a.example/bye"},
		AllowedCORSOrigins:                []string{"https://a.example"},
		GrantTypes:                        []string{"authorization_code", "refresh_token"},
		ResponseTypes:                     []string{"code"},
		Scope:                             "openid email",
		Audience:                          []string{"https://api.example"},
		TokenEndpointAuthMethod:           "client_secret_post",
		JSONWebKeysURI:                    "https://a.example/keys",
		AccessTokenStrategy:               "jwt",
		SkipConsent:                       true,
		FrontChannelLogoutURI:             "https://a.example/front",
		FrontChannelLogoutSessionRequired: true,
		BackChannelLogoutURI:              "https://a.example/back",
		BackChannelLogoutSessionRequired:  true,
		ClientURI:                         "https://a.example",
		LogoURI:                           "https://a.example/logo",
		PolicyURI:                         "https://a.example/policy",
		TermsOfServiceURI:                 "https://a.example/terms",
		Contacts:                          []string{"help@a.example"},
		Metadata:                          []byte(`{"k":"v"}`),
	}
	want.SkipLogoutConsent.Bool, want.SkipLogoutConsent.Valid = true, true
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestClientsRequests(t *testing.T) {
	made := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	t.Run("a client is read with its metadata as it is", func(t *testing.T) {
		c, asked := clientsAnswering(t, 200, `{"client_id":"app","metadata":{"n":12345678901234567890},`+
			`"created_at":"2024-05-06T07:08:09Z","client_secret_expires_at":0}`)
		got, err := c.Get(t.Context(), "a@pp")
		if err != nil {
			t.Fatal(err)
		}
		want := &declare.Registered{
			ID: "app", Metadata: json.RawMessage(`{"n":12345678901234567890}`), CreatedAt: made,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(&seen{Method: "GET", Path: "/admin/clients/a@pp"}, asked); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("a new client is posted, empty lists as lists", func(t *testing.T) {
		c, asked := clientsAnswering(t, 201, `{"client_secret":"the-secret"}`)
		err := c.Create(t.Context(), declare.Client{ID: "app", AuthMethod: "none"}, json.RawMessage(`{"k":"v"}`))
		if err != nil {
			t.Fatal(err)
		}
		none := []any{}
		want := &seen{Method: "POST", Path: "/admin/clients", Body: map[string]any{
			"client_id": "app", "client_name": "", "token_endpoint_auth_method": "none", "scope": "",
			"redirect_uris": none, "post_logout_redirect_uris": none, "allowed_cors_origins": none,
			"grant_types": none, "response_types": none, "audience": none, "contacts": none,
			"skip_consent": false, "skip_logout_consent": false,
			"client_uri": "", "logo_uri": "", "policy_uri": "", "tos_uri": "",
			"metadata": map[string]any{"k": "v"},
		}}
		if diff := cmp.Diff(want, asked); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("an update keeps when the client was made", func(t *testing.T) {
		c, asked := clientsAnswering(t, 200, `{}`)
		err := c.Update(t.Context(), declare.Registered{CreatedAt: made}, fullClient(), json.RawMessage(`{}`))
		if err != nil {
			t.Fatal(err)
		}
		got := []any{asked.Method, asked.Path, asked.Body["created_at"], asked.Body["client_secret"]}
		want := []any{"PUT", "/admin/clients/app", "2024-05-06T07:08:09Z", "the-secret"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("a time that is not known is left to hydra", func(t *testing.T) {
		c, asked := clientsAnswering(t, 200, `{}`)
		if err := c.Update(t.Context(), declare.Registered{}, fullClient(), nil); err != nil {
			t.Fatal(err)
		}
		if at, ok := asked.Body["created_at"]; ok {
			t.Errorf("got %v", at)
		}
	})
}

func TestClientsNameFailures(t *testing.T) {
	const general = "The value of one of the Client Metadata fields is invalid and the server has rejected this request. " +
		"Note that an Authorization Server MAY choose to substitute a valid value for any requested parameter of " +
		"a Client's Metadata. "
	tests := map[string]struct {
		status int
		body   string
		is     error
		want   string
	}{
		"an unknown id":  {404, `{"error":"Unable to locate the resource"}`, declare.ErrNotFound, "no such OAuth2 client"},
		"a taken id":     {409, `{}`, declare.ErrExists, "an OAuth2 client with this id exists"},
		"a bad redirect": {400, `{"error_description":"Unable to parse redirect URL: x"}`, nil, "hydra answered 400: Unable to parse redirect URL: x"},
		"a bad secret": {
			400, `{"error_description":"` + general + `Field client_secret is short."}`, nil,
			"hydra answered 400: Field client_secret is short.",
		},
		"nothing beyond the standard's words": {400, `{"error_description":"` + general + `"}`, nil, "hydra answered 400: " + general},
		"an answer that repeats the request":  {500, `{"client_secret":"the-secret"}`, nil, "hydra answered 500"},
		"an answer that is no JSON":           {502, `<html>the-secret`, nil, "hydra answered 502"},
		"a long story": {
			400, `{"error_description":"` + strings.Repeat("ä", 600) + `"}`, nil,
			"hydra answered 400: " + strings.Repeat("ä", 500),
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c, _ := clientsAnswering(t, tt.status, tt.body)
			_, err := c.Get(t.Context(), "app")
			for _, err := range []error{
				err, c.Create(t.Context(), fullClient(), nil), c.Update(t.Context(), declare.Registered{}, fullClient(), nil),
			} {
				if got := fmt.Sprint(err); got != tt.want || tt.is != nil && !errors.Is(err, tt.is) {
					t.Errorf("got %s, want %s", got, tt.want)
				}
			}
		})
	}
}
