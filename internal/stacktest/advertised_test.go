package stacktest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"testing"
)

const jwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer"

// advertised asks for each method that discovery names, and for grants and response modes that it does not, which have to
// be refused (docs/ory-quirks.md#q235). Upstream refuses other response types and prompts only after the sign-in.
func advertised(t *testing.T, s *Stack) {
	t.Helper()
	var found struct {
		Grants  []string `json:"grant_types_supported"`
		Types   []string `json:"response_types_supported"`
		Modes   []string `json:"response_modes_supported"`
		Methods []string `json:"token_endpoint_auth_methods_supported"`
	}
	readPublic(t, s, "/.well-known/openid-configuration", "", &found)
	for _, list := range [][]string{found.Grants, found.Types, found.Modes, found.Methods} {
		if len(list) == 0 {
			t.Fatalf("got %+v, want no empty list", found)
		}
	}

	registered, err := json.Marshal(map[string]any{
		"client_id": "all", "client_secret": "all-secret-all-secret-all-secret", "scope": "openid read", "redirect_uris": []string{vaultCallback},
		"grant_types": append(slices.Clone(found.Grants), "password", "urn:ietf:params:oauth:grant-type:device_code"), "response_types": found.Types,
	})
	if err != nil {
		t.Fatal(err)
	}
	if status, body := sendJSON(t, http.MethodPost, s.URLs.HydraAdmin+"/admin/clients", string(registered)); status != http.StatusCreated {
		t.Fatalf("making a client: got %d %s", status, body)
	}

	for _, method := range found.Methods {
		body := `{"client_id":"by-` + method + `","token_endpoint_auth_method":"` + method + `","jwks_uri":"https://app.invalid/keys"}`
		status, answer := sendJSON(t, http.MethodPost, s.URLs.HydraAdmin+"/admin/clients", body)
		if status != http.StatusCreated {
			t.Errorf("a client that proves itself by %s: got %d %s", method, status, answer)
		}
	}

	for _, grantType := range append(slices.Clone(found.Grants), "password", "urn:ietf:params:oauth:grant-type:device_code", "urn:ietf:params:oauth:grant-type:token-exchange") {
		if grantType == "implicit" {
			continue // it has no business at the token endpoint
		}
		req := postForm(t, s.URLs.Hydra+"/oauth2/token", url.Values{
			"grant_type": {grantType}, "code": {"x"}, "refresh_token": {"x"}, "assertion": {"x"}, "username": {"ada@example.com"}, "password": {password},
		})
		req.SetBasicAuth("all", "all-secret-all-secret-all-secret")
		var got grant
		status := sendFor(t, req, &got)
		served := status == http.StatusOK || got.Error != "unsupported_grant_type" && got.Error != "invalid_request"
		if grantType == jwtBearer {
			served = got.Error == "invalid_grant" || got.Error == "invalid_request" // what it says of an assertion that is none
		}
		if served != slices.Contains(found.Grants, grantType) {
			t.Errorf("the grant %s: got %d %s", grantType, status, got.Error)
		}
	}

	// Nobody is signed in: a request that is taken is answered with login_required, another one before that.
	asks := func(more url.Values) string {
		t.Helper()
		q := url.Values{
			"client_id": {"all"}, "response_type": {"code"}, "scope": {"openid"}, "state": {"state-state"}, "nonce": {"nonce-nonce"},
			"redirect_uri": {vaultCallback}, "prompt": {"none"},
		}
		for k, v := range more {
			q[k] = v
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URLs.Hydra+"/oauth2/auth?"+q.Encode(), nil)
		if err != nil {
			t.Fatal(err)
		}
		got := exchange(t, req)
		to, err := url.Parse(got.header.Get("Location"))
		if err != nil {
			t.Fatal(err)
		}
		if to.Fragment != "" {
			to.RawQuery = to.EscapedFragment()
		}
		if to.Host == "" { // a page that posts
			return "a page"
		}
		return to.Query().Get("error")
	}
	for _, kind := range found.Types {
		if got := asks(url.Values{"response_type": {kind}}); got != "login_required" {
			t.Errorf("the response type %s: got %q", kind, got)
		}
	}
	for _, mode := range append(slices.Clone(found.Modes), "web_message") {
		got, want := asks(url.Values{"response_mode": {mode}}), "login_required"
		if mode == "form_post" {
			want = "a page"
		}
		if (got == want) != slices.Contains(found.Modes, mode) {
			t.Errorf("the response mode %s: got %q", mode, got)
		}
	}
	for prompt, want := range map[string]string{"none": "login_required", "login": "", "consent": "", "select_account": "", "create": ""} {
		if got := asks(url.Values{"prompt": {prompt}}); got != want {
			t.Errorf("prompt=%s: got %q, want %q", prompt, got, want)
		}
	}
}
