package hydra

import (
	"bytes"
	"context"
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
	return NewClients(tr, func(context.Context, string) (string, error) { return "-hash", nil }), got
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
		Claims:                 []string{"email"},
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
	app := declare.Want{Client: &declare.Client{ID: "a@pp"}}
	t.Run("a client is read in the words of the file, with whose it is", func(t *testing.T) {
		c, asked := clientsAnswering(t, 200, `{"client_id":"a@pp","metadata":{"n":12345678901234567890,`+
			`"identityd":{"owner":"stack.yaml","digest":"d"}},"scope":"b a","redirect_uris":null,`+
			`"created_at":"2024-05-06T07:08:09Z","updated_at":"2025-01-01T00:00:00Z","client_secret_expires_at":0}`)
		got, err := c.Get(t.Context(), app, "")
		if err != nil {
			t.Fatal(err)
		}
		want := declare.Held{
			Kind: declare.KindClient, Name: "a@pp", Ref: "2024-05-06T07:08:09Z", Mark: declare.Mark{Owner: "stack.yaml", Digest: "d"},
			Values: declare.Client{Scopes: []string{"a", "b"}}.Values(),
		}
		sum := got.Sum
		got.Sum, got.Raw = "", nil
		if diff := cmp.Diff(want, *got); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(&seen{Method: "GET", Path: "/admin/clients/a@pp"}, asked); diff != "" {
			t.Error(diff)
		}
		later, _ := clientsAnswering(t, 200, `{"client_id":"a@pp","scope":"b a","jwks_uri":"","new_in_this_release":false,`+
			`"updated_at":"2026-01-01T00:00:00Z","metadata":{}}`)
		same, err := later.Get(t.Context(), app, "")
		if err != nil || same.Sum != sum || !strings.HasSuffix(sum, "-hash") {
			t.Errorf("got %v %v, want the sum %s: nothing was said anew", same, err, sum)
		}
	})
	t.Run("a new client is posted, empty lists as lists, and read", func(t *testing.T) {
		var posts []seen
		tr := &ory.Transport{Name: "hydra admin"}
		tr.Serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			one := seen{Method: r.Method, Path: r.URL.Path}
			json.NewDecoder(r.Body).Decode(&one.Body) //nolint:errcheck // a GET has none
			posts = append(posts, one)
			w.Write([]byte(`{"client_id":"app","client_secret":"the-secret"}`))
		}))
		c := NewClients(tr, func(context.Context, string) (string, error) { return "", nil })
		_, err := c.Create(t.Context(), declare.Want{Client: &declare.Client{ID: "app", AuthMethod: "none"}}, declare.Mark{Owner: "me"})
		if err != nil {
			t.Fatal(err)
		}
		none := []any{}
		want := []seen{{Method: "POST", Path: "/admin/clients", Body: map[string]any{
			"client_id": "app", "client_name": "", "token_endpoint_auth_method": "none", "scope": "",
			"redirect_uris": none, "post_logout_redirect_uris": none, "allowed_cors_origins": none,
			"grant_types": none, "response_types": none, "audience": none, "contacts": none,
			"skip_consent": false, "skip_logout_consent": false,
			"client_uri": "", "logo_uri": "", "policy_uri": "", "tos_uri": "",
			"metadata": map[string]any{"identityd": map[string]any{"owner": "me"}},
		}}, {Method: "GET", Path: "/admin/clients/app"}}
		if diff := cmp.Diff(want, posts); diff != "" {
			t.Error(diff)
		}
	})
	full := fullClient()
	t.Run("an update keeps when the client was made, and the words of others in its metadata", func(t *testing.T) {
		var put map[string]any
		tr := &ory.Transport{Name: "hydra admin"}
		tr.Serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPut {
				put = nil
				json.NewDecoder(r.Body).Decode(&put) //nolint:errcheck // the test sees that nothing came
			}
			w.Write([]byte(`{"client_id":"app"}`))
		}))
		c := NewClients(tr, func(context.Context, string) (string, error) { return "", nil })
		was := &declare.Held{Raw: held{created: made, metadata: json.RawMessage(`{"team":{"n":12345678901234567890}}`)}}
		for _, secret := range []bool{true, false} {
			if _, err := c.Update(t.Context(), was, declare.Want{Client: &full}, declare.Mark{Owner: "me"}, secret); err != nil {
				t.Fatal(err)
			}
			wantSecret := any(nil)
			if secret {
				wantSecret = "the-secret"
			}
			raw, err := json.Marshal(put["metadata"])
			if err != nil {
				t.Fatal(err)
			}
			got := []any{put["created_at"], put["client_secret"], string(raw)}
			want := []any{"2024-05-06T07:08:09Z", wantSecret, `{"identityd":{"owner":"me"},"identityd_claims":["email"],"team":{"n":12345678901234567000}}`}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		}
	})
	t.Run("what is sent is read back as the same words", func(t *testing.T) {
		metadata, err := narrowed(nil, full.Claims)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := json.Marshal(clientBody(full, metadata))
		if err != nil {
			t.Fatal(err)
		}
		c, _ := clientsAnswering(t, 200, string(raw))
		got, err := c.Get(t.Context(), declare.Want{Client: &full}, "")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(full.Values(), got.Values); diff != "" {
			t.Error(diff)
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
		"an unknown id":  {404, `{"error":"Unable to locate the resource"}`, declare.ErrNotFound, "no such thing"},
		"a taken id":     {409, `{}`, declare.ErrExists, "it exists already"},
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
			client := fullClient()
			w := declare.Want{Client: &client}
			_, get := c.Get(t.Context(), w, "")
			_, create := c.Create(t.Context(), w, declare.Mark{})
			_, update := c.Update(t.Context(), &declare.Held{}, w, declare.Mark{}, true)
			for _, err := range []error{get, create, update, c.Delete(t.Context(), &declare.Held{Name: "app"})} {
				if got := fmt.Sprint(err); got != tt.want || tt.is != nil && !errors.Is(err, tt.is) {
					t.Errorf("got %s, want %s", got, tt.want)
				}
			}
		})
	}
}
