package kratos

import (
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/ory"
)

func answering(status int, body string) *Client {
	tr := &ory.Transport{Name: "kratos"}
	tr.Serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Cookie") != "a=b" {
			status, body = http.StatusTeapot, "the cookies did not come along"
		}
		w.WriteHeader(status)
		w.Write([]byte(body))
	}))
	return NewClient(tr, tr)
}

func TestClientNamesFailures(t *testing.T) {
	cases := map[string]struct {
		status         int
		body           string
		code           identity.Code
		wantRedirectTo string
	}{
		"nobody is signed in":  {401, `{}`, identity.NoSession, ""},
		"another browser's":    {403, `{"error":{"id":"security_csrf_violation"}}`, identity.Forbidden, ""},
		"a second factor":      {403, `{"error":{"id":"session_aal2_required"},"redirect_browser_to":"http://k/aal2"}`, identity.AALRequired, "http://k/aal2"},
		"gone with a new flow": {410, `{"error":{"details":{"redirect_to":"http://k/new"}}}`, identity.Gone, "http://k/new"},
		"unknown":              {404, `not json`, identity.NotFound, ""},
		"busy":                 {503, `{}`, identity.Unavailable, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := answering(c.status, c.body).Flow(t.Context(), identity.Login, "x", "a=b")
			var got *identity.Error
			if !errors.As(err, &got) {
				t.Fatalf("got %v, want an identity.Error", err)
			}
			if diff := cmp.Diff([]string{string(c.code), c.wantRedirectTo}, []string{string(got.Code), got.RedirectTo}); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("a fault of Kratos stays unnamed", func(t *testing.T) {
		_, err := answering(500, `{"error":{"debug":"SQL"}}`).Whoami(t.Context(), "a=b")
		var named *identity.Error
		if err == nil || errors.As(err, &named) {
			t.Errorf("got %v, want an error that no page shows", err)
		}
	})
}
