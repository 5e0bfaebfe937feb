package stacktest

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const clientFile = `
- id: shop
  name: Shop
  secret: shop-secret-shop-secret
  redirect_uris: [https://app.invalid/callback]
  scope: openid email groups
  origins: [https://shop.example.com]
  access_token_strategy: jwt
`

const claimsFile = `
groups: {groups: {from: metadata_admin.groups, access_token: true}}
`

// withFiles writes lists and maps, which a flag cannot hold, where the environment finds them.
func withFiles(t *testing.T, words map[string]string) Option {
	t.Helper()
	folder := t.TempDir()
	return func(set map[string]string) {
		for word, content := range words {
			path := filepath.Join(folder, word+".yaml")
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			set["IDENTITYD_"+strings.ToUpper(word)+"_FILE"] = path
		}
	}
}

func TestClientsAndClaimsOfTheFile(t *testing.T) {
	where, data := orStandIn(t), Set("data_dir", filepath.Join(t.TempDir(), "data"))
	s := Start(t, where, data, withFiles(t, map[string]string{"clients": clientFile, "claims": claimsFile}))
	person := ada(t, s)
	tokens := signInAtShop(t, s)
	t.Run("the client signs people in", func(t *testing.T) {
		if tokens["id_token"] == "" || tokens["access_token"] == "" {
			t.Fatalf("got %v", tokens)
		}
	})
	t.Run("a claim of the file is in userinfo and in the JWT access token", func(t *testing.T) {
		want := []any{"staff", "admins"}
		for name, got := range map[string]map[string]any{
			"userinfo": userinfo(t, s, tokens["access_token"]), "access token": payload(t, tokens["access_token"]),
		} {
			groups, _ := got["groups"].([]any)
			if !slices.Equal(groups, want) {
				t.Errorf("%s: got %v, want groups %v", name, got, want)
			}
		}
		if got := payload(t, tokens["access_token"])["sub"]; got != person {
			t.Errorf("got sub %v, want %s", got, person)
		}
	})
	t.Run("its origin may call the token endpoint and whoami, another may not", func(t *testing.T) {
		for _, target := range []string{
			s.URLs.Hydra + "/oauth2/token", s.URLs.Hydra + "/oauth2/revoke", s.URLs.Hydra + "/userinfo",
			s.URLs.Hydra + "/.well-known/openid-configuration", s.URLs.Hydra + "/.well-known/jwks.json",
			s.URLs.Kratos + "/sessions/whoami",
		} {
			if got := preflight(t, target, "https://shop.example.com"); got != "https://shop.example.com" {
				t.Errorf("%s: got %q for the client's origin", target, got)
			}
			if got := preflight(t, target, "https://evil.example.com"); got != "" {
				t.Errorf("%s: got %q for a stranger's origin", target, got)
			}
		}
	})
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	t.Run("a second start finds it as it is and writes nothing", func(t *testing.T) {
		again := Start(t, where, data, withFiles(t, map[string]string{"clients": clientFile, "claims": claimsFile}))
		if log := again.Log.String(); strings.Contains(log, `"client created"`) || strings.Contains(log, `"client updated"`) {
			t.Errorf("the client was written again:\n%s", again.Log.Tail())
		}
	})
}

// ada makes a person with groups, over the admin API, and returns her id.
func ada(t *testing.T, s *Stack) string {
	t.Helper()
	const body = `{"schema_id":"email@1","traits":{"email":"ada@example.com"},
		"metadata_admin":{"groups":["staff","admins"]},
		"credentials":{"password":{"config":{"password":"` + password + `"}}}}`
	var made struct{ ID string }
	call(t, http.MethodPost, s.URLs.KratosAdmin+"/admin/identities", "application/json", body, nil, &made)
	return made.ID
}

func signInAtShop(t *testing.T, s *Stack) map[string]string {
	t.Helper()
	const callback = "https://" + AppHost + "/callback"
	b := NewBrowser(t)
	b.Open(s.URLs.Hydra + "/oauth2/auth?" + url.Values{
		"client_id": {"shop"}, "response_type": {"code"}, "scope": {"openid email groups"},
		"state": {"state-state"}, "redirect_uri": {callback},
	}.Encode())
	b.Submit("form", map[string]string{"identifier": "ada@example.com", "password": password, "method": "password"})
	b.Submit("form", map[string]string{"action": "allow"})
	form := url.Values{"grant_type": {"authorization_code"}, "code": {b.URL.Query().Get("code")}, "redirect_uri": {callback}}
	var out struct {
		IDToken     string `json:"id_token"`
		AccessToken string `json:"access_token"`
	}
	call(t, http.MethodPost, s.URLs.Hydra+"/oauth2/token", "application/x-www-form-urlencoded", form.Encode(),
		func(r *http.Request) { r.SetBasicAuth("shop", "shop-secret-shop-secret") }, &out)
	return map[string]string{"id_token": out.IDToken, "access_token": out.AccessToken}
}

func userinfo(t *testing.T, s *Stack, token string) map[string]any {
	t.Helper()
	var out map[string]any
	call(t, http.MethodGet, s.URLs.Hydra+"/userinfo", "", "",
		func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }, &out)
	return out
}

func preflight(t *testing.T, target, origin string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, target, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Origin", origin)
	req.Header.Set("Access-Control-Request-Method", "GET")
	if strings.HasSuffix(target, "/token") || strings.HasSuffix(target, "/revoke") {
		req.Header.Set("Access-Control-Request-Method", "POST")
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.Header.Get("Access-Control-Allow-Origin")
}

// payload decodes a JWT without verifying it: the journey does that.
func payload(t *testing.T, token string) map[string]any {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("got a token of %d parts, want a JWT", len(parts))
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// call sends a request that has to succeed and decodes its answer.
func call(t *testing.T, method, target, contentType, body string, change func(*http.Request), into any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if change != nil {
		change(req)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode > 299 {
		t.Fatalf("%s %s: got %d %s, %v", method, target, res.StatusCode, raw, err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatal(err)
	}
}
