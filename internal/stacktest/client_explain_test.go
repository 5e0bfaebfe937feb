package stacktest

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// explained asks `client explain` and the endpoints the same questions.
func explained(t *testing.T, s *Stack) {
	secret := "a-secret-of-the-client"
	clients := map[string]map[string]any{
		"web": {
			"client_secret": secret, "grant_types": []string{"authorization_code", "refresh_token"}, "response_types": []string{"code"},
			"scope": "openid email orders.read", "audience": []string{"https://api.example.com"}, "token_endpoint_auth_method": "client_secret_basic",
			"redirect_uris":        []string{"https://app.example.com/cb", "http://localhost:3000/cb", "https://other.example.com/x?y=z", "https://Mixed.example.com/Cb", vaultCallback},
			"allowed_cors_origins": []string{"https://app.example.com", "https://*.wide.example.com"},
		},
		"native": {
			"grant_types": []string{"authorization_code"}, "response_types": []string{"code"}, "scope": "openid", "token_endpoint_auth_method": "none",
			"redirect_uris": []string{"http://127.0.0.1/cb", "http://[::1]:8080/cb", "com.example.app:/cb", vaultCallback},
		},
		"machine": {
			"client_secret": secret, "grant_types": []string{"client_credentials"}, "response_types": []string{}, "scope": "jobs", "token_endpoint_auth_method": "client_secret_basic",
		},
	}
	for id, c := range clients {
		c["client_id"] = id
		post(t, s.URLs.HydraAdmin+"/admin/clients", c)
	}
	type asked struct{ client, of, value string }
	var questions []asked
	ask := func(client, of string, values ...string) {
		for _, v := range values {
			questions = append(questions, asked{client, of, v})
		}
	}
	ask("web", "redirect_uri", "https://app.example.com/cb", "https://app.example.com/cb/", "https://app.example.com:443/cb", "http://app.example.com/cb", "https://app.example.com/CB",
		"https://APP.example.com/cb", "https://app.example.com/cb?x=1", "https://app.example.com/cb#x", "https://www.app.example.com/cb", "https://app.example.com", "http://localhost:3000/cb",
		"http://localhost:3001/cb", "http://127.0.0.1:3000/cb", "https://other.example.com/x?y=z", "https://other.example.com/x", "https://Mixed.example.com/Cb", "https://mixed.example.com/Cb",
		" https://app.example.com/cb", "https://evil.example.com/cb", "app.example.com/cb", "")
	ask("native", "redirect_uri", "http://127.0.0.1/cb", "http://127.0.0.1:54321/cb", "http://127.0.0.1:54321/cb/", "http://127.0.0.2:54321/cb", "http://[::1]:1/cb", "http://localhost:54321/cb",
		"https://127.0.0.1:54321/cb", "com.example.app:/cb", "com.example.app:/cb/", "com.example.other:/cb", "COM.example.app:/cb")
	ask("machine", "redirect_uri", "https://app.example.com/cb")
	ask("web", "scope", "openid", "orders.read", "orders.write", "orders", "profile", "orders.read.all", "OPENID")
	ask("web", "audience", "https://api.example.com", "https://api.example.com/", "https://api.example.com/v1", "http://api.example.com", "https://api.example.org", "api")
	ask("web", "grant_type", "authorization_code", "refresh_token", "client_credentials", "password", "urn:ietf:params:oauth:grant-type:jwt-bearer")
	ask("machine", "grant_type", "client_credentials", "authorization_code", "refresh_token")
	ask("web", "origin", "https://app.example.com", "http://app.example.com", "https://app.example.com:8443", "https://a.wide.example.com", "https://a.b.wide.example.com", "https://wide.example.com", "https://www.example.com")
	ask("machine", "origin", "https://app.example.com", "https://stranger.example.com")
	refused := 0
	for _, q := range questions {
		var said struct {
			Verdicts []struct {
				Of, Why, Cure string
				Accepted      bool
			}
		}
		get(t, s.URLs.HydraAdmin+"/admin/identityd/clients/"+q.client+"/explain?"+url.Values{q.of: {q.value}}.Encode(), &said)
		if len(said.Verdicts) == 0 {
			t.Fatalf("%v: no verdict", q)
		}
		v := said.Verdicts[0]
		accepted, what := answered(t, s, q.client, q.of, q.value, secret)
		if v.Accepted != accepted {
			t.Errorf("%s %s %q: explain says %t (%s), the endpoint %t (%s)", q.client, q.of, q.value, v.Accepted, v.Why, accepted, what)
		}
		if !v.Accepted {
			refused++
			if v.Cure == "" || v.Why == "" {
				t.Errorf("%s %s %q is refused without a reason or a cure: %+v", q.client, q.of, q.value, v)
			}
		}
	}
	if refused < len(questions)/3 || refused == len(questions) {
		t.Errorf("%d of %d are refused: the table shows nothing", refused, len(questions))
	}
	ada(t, s)
	for id, needed := range map[string]bool{"web": false, "native": true} {
		var said struct{ Verdicts []struct{ Accepted bool } }
		get(t, s.URLs.HydraAdmin+"/admin/identityd/clients/"+id+"/explain?"+url.Values{"redirect_uri": {vaultCallback}}.Encode(), &said)
		b := NewBrowser(t)
		b.Open(s.URLs.Hydra + "/oauth2/auth?" + url.Values{
			"client_id": {id}, "response_type": {"code"}, "scope": {"openid"}, "state": {"state-state"}, "redirect_uri": {vaultCallback},
		}.Encode())
		b.Submit("form", map[string]string{"identifier": "ada@example.com", "password": password, "method": "password"})
		b.Submit("form", map[string]string{"action": "allow"})
		// Hydra looks at it last, when the code would be made.
		code, problem := b.URL.Query().Get("code") != "", b.URL.Query().Get("error")
		if said.Verdicts[1].Accepted != code || code == needed || needed && problem != "invalid_request" {
			t.Errorf("%s without PKCE: explain says %t, the endpoint gives a code: %t, %s", id, said.Verdicts[1].Accepted, code, problem)
		}
	}
}

// answered asks the endpoint that judges.
func answered(t *testing.T, s *Stack, client, of, value, secret string) (accepted bool, what string) {
	t.Helper()
	switch of {
	case "grant_type":
		g := proof{client, "client_secret_basic", secret}.to(t, s.URLs.Hydra+"/oauth2/token", url.Values{
			"grant_type": {value}, "code": {"none"}, "refresh_token": {"none"}, "redirect_uri": {"https://app.example.com/cb"}, "username": {"a"}, "password": {"b"}, "assertion": {"a.b.c"},
		})
		return g.Status == http.StatusOK || g.Error == "invalid_grant", g.Error
	case "origin":
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URLs.Hydra+"/oauth2/token", strings.NewReader("grant_type=client_credentials&client_id="+client))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", value)
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res.Header.Get("Access-Control-Allow-Origin") != "", res.Status
	}
	q := url.Values{
		"client_id": {client}, "scope": {"openid"}, "redirect_uri": {"https://app.example.com/cb"},
		"code_challenge": {"47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"}, "code_challenge_method": {"S256"},
	}
	q.Set(of, value)
	return authorizes(t, s, q)
}

// authorizes reports whether a request for a sign-in comes as far as the sign-in.
func authorizes(t *testing.T, s *Stack, q url.Values) (bool, string) {
	t.Helper()
	q.Set("response_type", "code")
	q.Set("state", "a-state-that-is-long-enough")
	q.Set("nonce", "a-nonce-that-is-long-enough")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URLs.Hydra+"/oauth2/auth?"+q.Encode(), http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	to := res.Header.Get("Location")
	return strings.HasPrefix(to, s.URLs.UI+"/login?"), to
}
