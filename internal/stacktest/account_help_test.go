package stacktest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func authorization(client string) string {
	return url.Values{
		"client_id": {client}, "response_type": {"code"}, "scope": {"openid email offline_access"},
		"state": {"state-state"}, "redirect_uri": {vaultCallback},
	}.Encode()
}

// tokensOf signs the person of a browser in at an application, and returns its tokens.
func tokensOf(t *testing.T, s *Stack, b *Browser, client string) grant {
	t.Helper()
	b.Open(s.URLs.Hydra + "/oauth2/auth?" + authorization(client))
	if b.URL.Path == "/consent" {
		b.Submit("form", map[string]string{"action": "allow"})
	}
	code := b.URL.Query().Get("code")
	if code == "" {
		t.Fatalf("got no code at %s", b.URL.Redacted())
	}
	return tokenOf(t, s, client, url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {vaultCallback}})
}

// tokenOf asks the token endpoint as a client with the secret of the vault.
func tokenOf(t *testing.T, s *Stack, client string, form url.Values) grant {
	t.Helper()
	req := postForm(t, s.URLs.Hydra+"/oauth2/token", form)
	req.SetBasicAuth(client, "vault-secret-vault-secret")
	var g grant
	g.Status = sendFor(t, req, &g)
	return g
}

func introspects(t *testing.T, s *Stack, token string) bool {
	t.Helper()
	var out struct{ Active bool }
	sendFor(t, postForm(t, s.URLs.HydraAdmin+"/admin/oauth2/introspect", url.Values{"token": {token}}), &out)
	return out.Active
}

// forgotten returns when Hydra's own list of consents has no application of the person any more.
func forgotten(t *testing.T, s *Stack, person string) {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	bound := time.After(30 * time.Second)
	for {
		var consents []any
		call(t, http.MethodGet, s.URLs.HydraAdmin+"/admin/oauth2/auth/sessions/consent?subject="+person, "", "", nil, &consents)
		if len(consents) == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-bound:
			t.Fatalf("Hydra still lists %d consents", len(consents))
		}
	}
}

func postForm(t testing.TB, target string, form url.Values) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, target, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return req
}

func sendFor(t *testing.T, req *http.Request, into any) int {
	t.Helper()
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if into != nil {
		if err := json.Unmarshal(raw, into); err != nil {
			t.Fatalf("got %d %s", res.StatusCode, raw)
		}
	}
	return res.StatusCode
}

// raw sends a request by the cookies of the browser, without going there.
func (b *Browser) raw(method, target string, form url.Values) (status int, body []byte) {
	b.t.Helper()
	req := postForm(b.t, target, form)
	req.Method = method
	res, err := b.client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	if body, err = io.ReadAll(res.Body); err != nil {
		b.t.Fatal(err)
	}
	return res.StatusCode, body
}
