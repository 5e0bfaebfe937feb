package hydra

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/ory"
)

type seen struct {
	Method, Path, Query string
	Body                map[string]any
}

func answering(t *testing.T, status int, body string) (*Client, *seen) {
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
	return NewClient(tr, 3600), got
}

func TestAcceptConsent(t *testing.T) {
	t.Run("a grant is sent whole, empty lists as lists", func(t *testing.T) {
		c, got := answering(t, 200, `{"redirect_to":"http://h/next"}`)
		to, err := c.AcceptConsent(t.Context(), "ch&x", identity.ConsentGrant{
			Scope: []string{"openid"}, Remember: true, Claims: map[string]any{"email": "a@b.c"},
		})
		if err != nil || to != "http://h/next" {
			t.Fatalf("got %q, %v", to, err)
		}
		want := &seen{
			Method: "PUT", Path: "/admin/oauth2/auth/requests/consent/accept", Query: "consent_challenge=ch%26x",
			Body: map[string]any{
				"grant_scope": []any{"openid"}, "grant_access_token_audience": []any{},
				"remember": true, "remember_for": 3600.0,
				"session": map[string]any{"id_token": map[string]any{"email": "a@b.c"}},
			},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("a denial is access_denied", func(t *testing.T) {
		c, got := answering(t, 200, `{"redirect_to":"http://h/no"}`)
		if _, err := c.RejectConsent(t.Context(), "ch"); err != nil {
			t.Fatal(err)
		}
		if got.Body["error"] != "access_denied" {
			t.Errorf("got %v", got.Body)
		}
	})
}

func TestClientNamesFailures(t *testing.T) {
	cases := map[string]struct {
		status int
		body   string
		code   identity.Code
		to     string
	}{
		"answered already":  {410, `{"redirect_to":"http://h/again"}`, identity.Gone, "http://h/again"},
		"unknown challenge": {404, `{}`, identity.NotFound, ""},
		"busy":              {503, ``, identity.Unavailable, ""},
	}
	for name, want := range cases {
		t.Run(name, func(t *testing.T) {
			c, _ := answering(t, want.status, want.body)
			_, err := c.ConsentRequest(t.Context(), "ch")
			var got *identity.Error
			if !errors.As(err, &got) || got.Code != want.code || got.RedirectTo != want.to {
				t.Errorf("got %v", err)
			}
		})
	}
}
