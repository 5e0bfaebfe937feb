package stacktest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

const vaultFile = `
- id: vault
  name: Vault
  secret: vault-secret-vault-secret
  redirect_uris: [https://app.invalid/callback]
  scope: openid email offline_access
  grant_types: [authorization_code, refresh_token]
`

// withVault declares an application that keeps refresh tokens.
func withVault(t *testing.T) Option {
	t.Helper()
	return withFiles(t, map[string]string{"clients": vaultFile})
}

// grant is what the token endpoint gave, or why not.
type grant struct {
	Status  int    `json:"-"`
	Access  string `json:"access_token"`
	ID      string `json:"id_token"`
	Refresh string `json:"refresh_token"`
	Error   string `json:"error"`
}

const vaultCallback = "https://" + AppHost + "/callback"

// vaultCode signs ada in at the application and returns the code that it gets.
func vaultCode(t *testing.T, s *Stack) string {
	t.Helper()
	b := NewBrowser(t)
	b.Open(s.URLs.Hydra + "/oauth2/auth?" + url.Values{
		"client_id": {"vault"}, "response_type": {"code"}, "scope": {"openid email offline_access"},
		"state": {"state-state"}, "redirect_uri": {vaultCallback},
	}.Encode())
	b.Submit("form", map[string]string{"identifier": "ada@example.com", "password": password, "method": "password"})
	b.Submit("form", map[string]string{"action": "allow"})
	code := b.URL.Query().Get("code")
	if code == "" {
		t.Fatalf("got no code at %s", b.URL)
	}
	return code
}

func redeemCode(t *testing.T, s *Stack, code string) grant {
	t.Helper()
	return askToken(t, s, url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {vaultCallback}})
}

func refresh(t *testing.T, s *Stack, token string) grant {
	t.Helper()
	return askToken(t, s, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}})
}

func askToken(t *testing.T, s *Stack, form url.Values) grant {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URLs.Hydra+"/oauth2/token", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth("vault", "vault-secret-vault-secret")
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	g := grant{Status: res.StatusCode}
	if err := json.Unmarshal(raw, &g); err != nil {
		t.Fatalf("got %d %s", res.StatusCode, raw)
	}
	return g
}

// alive returns the status of userinfo for an access token.
func alive(t *testing.T, s *Stack, access string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URLs.Hydra+"/userinfo", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+access)
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

func decodeJSON(t *testing.T, from io.Reader, into any) {
	t.Helper()
	if err := json.NewDecoder(from).Decode(into); err != nil {
		t.Fatal(err)
	}
}
