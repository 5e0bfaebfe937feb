package stacktest

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// challenged sends a request and returns the answer's status and challenge; nobody may keep what is answered.
func challenged(t *testing.T, req *http.Request) (status int, challenge string) {
	t.Helper()
	got := exchange(t, req)
	if got.status >= http.StatusBadRequest && !strings.Contains(got.header.Get("Cache-Control"), "no-store") {
		t.Errorf("%s: got Cache-Control %q, want no-store", req.URL.Path, got.header.Get("Cache-Control"))
	}
	return got.status, got.header.Get("WWW-Authenticate")
}

// refusedClients is refused as an application is: who came by Basic is challenged (RFC 6749 section 5.2), and nobody
// else, for whom a browser would ask its person.
func refusedClients(t *testing.T, s *Stack) {
	t.Helper()
	for _, tt := range []struct {
		name, path, basic string
		form              url.Values
		want              string
	}{
		{"a wrong secret by Basic", "/oauth2/token", "vault", url.Values{"grant_type": {"client_credentials"}}, "Basic realm="},
		{"nobody by Basic", "/oauth2/token", "nobody", url.Values{"grant_type": {"client_credentials"}}, "Basic realm="},
		{"a wrong secret by Basic at revocation", "/oauth2/revoke", "vault", url.Values{"token": {"x"}}, "Basic realm="},
		{"a wrong secret in the body", "/oauth2/token", "", url.Values{"grant_type": {"client_credentials"}, "client_id": {"vault"}, "client_secret": {"wrong"}}, ""},
		{"a wrong secret in the body at revocation", "/oauth2/revoke", "", url.Values{"token": {"x"}, "client_id": {"vault"}, "client_secret": {"wrong"}}, ""},
	} {
		req := postForm(t, s.URLs.Hydra+tt.path, tt.form)
		if tt.basic != "" {
			req.SetBasicAuth(tt.basic, "wrong")
		}
		status, got := challenged(t, req)
		if status != http.StatusUnauthorized || !strings.HasPrefix(got, tt.want) || (got == "") != (tt.want == "") {
			t.Errorf("%s: got %d and the challenge %q, want 401 and %q", tt.name, status, got, tt.want)
		}
	}
	// Neither what is not about the client, nor what goes well.
	req := postForm(t, s.URLs.Hydra+"/oauth2/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {"x"}})
	req.SetBasicAuth("vault", "vault-secret-vault-secret")
	if status, got := challenged(t, req); status != http.StatusBadRequest || got != "" {
		t.Errorf("a wrong refresh token: got %d and %q, want 400 without a challenge", status, got)
	}
	if status, got := challenged(t, postForm(t, s.URLs.HydraAdmin+"/admin/oauth2/introspect", url.Values{"token": {"x"}})); status != http.StatusOK || got != "" {
		t.Errorf("introspection of a wrong token: got %d and %q, want 200 without a challenge", status, got)
	}
}

// refusedTokens is refused as the bearer of a token is (RFC 6750 section 3).
func refusedTokens(t *testing.T, s *Stack, revoked string) {
	t.Helper()
	userinfo, whoami := s.URLs.Hydra+"/userinfo", s.URLs.Kratos+"/sessions/whoami"
	const wrong = `error="invalid_token"`
	for _, tt := range []struct{ name, url, authorization, want string }{
		{"userinfo with no token", userinfo, "", `Bearer realm="userinfo"`},
		{"userinfo with a secret", userinfo, "Basic dmF1bHQ6eA==", `Bearer realm="userinfo"`},
		{"userinfo with a wrong token", userinfo, "Bearer wrong", wrong},
		{"userinfo with one that was revoked", userinfo, "Bearer " + revoked, wrong},
		{"userinfo with one that was changed", userinfo, "bearer " + revoked[:len(revoked)-8] + "AAAAAAAA", wrong},
		{"whoami with a wrong token", whoami, "Bearer wrong", wrong},
		{"whoami with nothing", whoami, "", ""},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, tt.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if tt.authorization != "" {
			req.Header.Set("Authorization", tt.authorization)
		}
		status, got := challenged(t, req)
		if status != http.StatusUnauthorized || !strings.Contains(got, tt.want) || strings.Contains(got, "error=") != (tt.want == wrong) || (got == "") != (tt.want == "") {
			t.Errorf("%s: got %d and the challenge %q, want 401 and %q", tt.name, status, got, tt.want)
		}
	}
}
