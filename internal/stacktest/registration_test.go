package stacktest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// registeredApp is what the endpoint answers (RFC 7591 section 3.2.1).
type registeredApp struct {
	ID      string   `json:"client_id"`
	Secret  string   `json:"client_secret"`
	Token   string   `json:"registration_access_token"`
	At      string   `json:"registration_client_uri"`
	Grants  []string `json:"grant_types"`
	Scope   string   `json:"scope"`
	Origins []string `json:"allowed_cors_origins"`
	Error   string   `json:"error"`
}

// registerAt asks a replica.
func registerAt(t *testing.T, method, address, token, body string) (status int, app registeredApp) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res := exchange(t, req)
	if res.body != "" {
		if err := json.Unmarshal([]byte(res.body), &app); err != nil {
			t.Fatalf("%s %s: %v: %s", method, address, err, res.body)
		}
	}
	return res.status, app
}

// TestApplicationsRegisterThemselves goes through a registration at two replicas on PostgreSQL, which are asked in turn.
func TestApplicationsRegisterThemselves(t *testing.T) {
	a, b := pairOf(
		t, withFiles(t, map[string]string{"dynamic_registration_hosts": "[app.invalid, '*.apps.example.com']\n"}),
		Set("dynamic_registration.enabled", "true"), Set("dynamic_registration.per_hour", "4"),
	)
	at := func(s *Stack) string { return "http://" + s.Address("hydra_public") + "/oauth2/register" }
	const (
		origin = "https://app.invalid"
		body   = `{"client_name":"App","client_uri":"https://app.invalid","logo_uri":"https://bank.example.net/logo.svg","redirect_uris":["https://app.invalid/cb"],` +
			`"grant_types":["authorization_code","refresh_token"],"token_endpoint_auth_method":"none","scope":"openid offline_access admin"}`
	)
	t.Run("a page of a host that may register is let in to the metadata and to the endpoint alone", func(t *testing.T) {
		for path, want := range map[string]string{"/oauth2/register": origin, "/.well-known/oauth-authorization-server": origin, "/oauth2/token": "", "/userinfo": ""} {
			if got := preflight(t, "http://"+a.Address("hydra_public")+path, origin); got != want {
				t.Errorf("%s: got %q, want %q", path, got, want)
			}
		}
		if got := preflight(t, at(a), "https://elsewhere.example.com"); got != "" {
			t.Errorf("another host: got %q", got)
		}
	})
	status, app := registerAt(t, http.MethodPost, at(a), "", body)
	want := registeredApp{Grants: []string{"authorization_code", "refresh_token"}, Scope: "openid offline_access", Origins: []string{origin}}
	if diff := cmp.Diff(want, registeredApp{Grants: app.Grants, Scope: app.Scope, Origins: app.Origins, Secret: app.Secret}); status != http.StatusCreated || app.Token == "" || diff != "" {
		t.Fatalf("got %d and %+v: %s", status, app, diff)
	}
	t.Run("the answer holds what RFC 7591 and 7592 say, and nothing of the admin API", func(t *testing.T) {
		var got map[string]any
		call(t, http.MethodGet, at(b)+"/"+app.ID, "", "", func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+app.Token) }, &got)
		issued, _ := got["client_id_issued_at"].(float64)
		delete(got, "client_id_issued_at")
		want := map[string]any{
			"client_id": app.ID, "client_name": "App", "client_uri": "https://app.invalid", "redirect_uris": []any{"https://app.invalid/cb"}, "allowed_cors_origins": []any{origin},
			"grant_types": []any{"authorization_code", "refresh_token"}, "response_types": []any{"code"}, "scope": "openid offline_access", "subject_type": "public",
			"token_endpoint_auth_method": "none", "userinfo_signed_response_alg": "none", "registration_access_token": app.Token,
			"registration_client_uri": strings.TrimSuffix(a.URLs.Hydra, "/") + "/oauth2/register/" + app.ID,
		}
		if diff := cmp.Diff(want, got); issued == 0 || diff != "" {
			t.Errorf("issued at %v: %s", issued, diff)
		}
	})
	t.Run("its pages may call the endpoints of OAuth 2.0 and not Kratos", func(t *testing.T) {
		eventually(t, "the token endpoint lets them in", func() bool {
			return preflight(t, "http://"+b.Address("hydra_public")+"/oauth2/token", origin) == origin
		})
		if got := preflight(t, "http://"+b.Address("kratos_public")+"/sessions/whoami", origin); got != "" {
			t.Errorf("whoami: got %q", got)
		}
	})
	t.Run("refusals are those of RFC 7591", func(t *testing.T) {
		for sent, want := range map[string]string{
			`{"redirect_uris":["https://evil.example.net/cb"]}`:                                                     "invalid_redirect_uri",
			`{"redirect_uris":["https://app.invalid/cb"],"skip_consent":true}`:                                      "invalid_client_metadata",
			`{"redirect_uris":["https://app.invalid/cb"],"metadata":{"identityd_claims":["email"]}}`:                "invalid_client_metadata",
			`{"redirect_uris":["https://app.invalid/cb"],"refresh_token_grant_refresh_token_lifespan":"87600h"}`:    "invalid_client_metadata",
			`{"redirect_uris":["https://app.invalid/cb"],"grant_types":["client_credentials"],"scope":"openid"}`:    "invalid_client_metadata",
			`{"redirect_uris":["https://app.invalid/cb"],"id_token_signed_response_alg":"HS256","scope":"openid"}`:  "invalid_client_metadata",
			`{"redirect_uris":["https://app.invalid/cb"],"post_logout_redirect_uris":["https://evil.example.net"]}`: "invalid_client_metadata",
		} {
			if status, got := registerAt(t, http.MethodPost, at(b), "", sent); status != http.StatusBadRequest || got.Error != want {
				t.Errorf("%s: got %d %s, want 400 %s", sent, status, got.Error, want)
			}
		}
	})
	t.Run("nobody reads or changes a client that an operator made, whatever token there is", func(t *testing.T) {
		var made registeredApp
		call(t, http.MethodPost, a.URLs.HydraAdmin+"/admin/clients", "application/json", `{"redirect_uris":["https://app.invalid/cb"]}`, nil, &made)
		for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete} {
			if status, _ := registerAt(t, method, at(a)+"/"+made.ID, made.Token, body); status != http.StatusUnauthorized {
				t.Errorf("%s: got %d, want 401", method, status)
			}
		}
	})
	consentOfUnverified(t, a, app)
	t.Run("a change takes the verification away and keeps what an operator noted", func(t *testing.T) {
		call(t, http.MethodPatch, a.URLs.HydraAdmin+"/admin/clients/"+app.ID, "application/json",
			`[{"op":"add","path":"/metadata/identityd_claims","value":["email"]}]`, nil, new(any))
		status, changed := registerAt(t, http.MethodPut, at(b)+"/"+app.ID, app.Token, strings.Replace(body, `"App"`, `"Bank"`, 1))
		if status != http.StatusOK || changed.Token == "" || changed.Token == app.Token {
			t.Fatalf("got %d and %+v, want another token", status, changed)
		}
		app.Token = changed.Token
		var now struct {
			Name     string `json:"client_name"`
			Made     string `json:"created_at"`
			Metadata struct {
				Claims []string `json:"identityd_claims"`
				Mark   struct {
					At, Verified string
				} `json:"identityd_registration"`
			} `json:"metadata"`
		}
		get(t, a.URLs.HydraAdmin+"/admin/clients/"+app.ID, &now)
		if now.Name != "Bank" || now.Metadata.Mark.At == "" || now.Metadata.Mark.Verified != "" || len(now.Metadata.Claims) != 1 || strings.HasPrefix(now.Made, "0001") {
			t.Errorf("got %+v", now)
		}
		if status, _ := registerAt(t, http.MethodPut, at(b)+"/"+app.ID, app.Token, `{"redirect_uris":["https://evil.example.net/cb"]}`); status != http.StatusBadRequest {
			t.Errorf("another host: got %d, want 400", status)
		}
	})
	t.Run("one address registers as many as it may within an hour", func(t *testing.T) {
		var got []int
		for range 4 {
			status, _ := registerAt(t, http.MethodPost, at(a), "", body)
			got = append(got, status)
		}
		if diff := cmp.Diff([]int{201, 201, 201, 429}, got); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("it may leave, and its origin goes when the last one has", func(t *testing.T) {
		if status, _ := registerAt(t, http.MethodDelete, at(a)+"/"+app.ID, app.Token, ""); status != http.StatusNoContent {
			t.Errorf("got %d", status)
		}
		if got := bare(t, http.MethodGet, a.URLs.HydraAdmin+"/admin/clients/"+app.ID).status; got != http.StatusNotFound {
			t.Errorf("got %d", got)
		}
	})
	t.Run("registrations are on the audit trail", func(t *testing.T) {
		eventually(t, "they are", func() bool {
			return strings.Contains(a.Log.String(), `"kind":"ClientRegistered"`) && strings.Contains(b.Log.String(), `"kind":"ClientRegistered"`)
		})
	})
}

// consentOfUnverified signs somebody in to an application before and after an operator verified it.
func consentOfUnverified(t *testing.T, s *Stack, app registeredApp) {
	member(t, s, "registered@example.com")
	b := NewBrowser(t)
	signIn(b, s, "registered@example.com")
	ask := func() {
		b.Open(s.URLs.Hydra + "/oauth2/auth?" + url.Values{
			"client_id": {app.ID}, "response_type": {"code"}, "scope": {"openid offline_access"}, "state": {"state-state"}, "redirect_uri": {"https://" + AppHost + "/cb"},
			"code_challenge": {"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}, "code_challenge_method": {"S256"},
		}.Encode())
	}
	t.Run("people are told that nobody has checked it, with its name and its host and nothing else of it", func(t *testing.T) {
		ask()
		b.Page.One(".unverified")
		b.Page.Missing(`a[rel="noopener noreferrer"]`)
		b.Page.Missing("main img")
		for _, want := range []string{"App wants to use your account", "This application is not verified", AppHost} {
			if !strings.Contains(b.text(), want) {
				t.Errorf("the page does not say %q:\n%s", want, b.text())
			}
		}
	})
	t.Run("they are not told of one that an operator verified, and see its website", func(t *testing.T) {
		call(t, http.MethodPost, s.URLs.HydraAdmin+"/admin/identityd/clients/"+app.ID+"/verified", "", "", nil, new(any))
		ask()
		b.Page.Missing(".unverified")
		b.Page.One(`a[href="https://` + AppHost + `"]`)
	})
}

// whyAClientStays makes applications that registered themselves long ago.
func whyAClientStays(t *testing.T, s *janitorSite) {
	const mark = `"identityd_registration":{"at":"2026-01-01T00:00:00Z"`
	for name, metadata := range map[string]string{
		"unused": `{` + mark + `}}`, "young": `{` + mark + `}}`, "used": `{` + mark + `}}`, "verified": `{` + mark + `,"verified":"2026-01-02T00:00:00Z"}}`, "made": `{"by":"hand"}`,
	} {
		post(t, s.URLs.HydraAdmin+"/admin/clients", map[string]any{
			"client_id": "r-" + name, "redirect_uris": []string{"https://" + AppHost + "/callback"}, "scope": "openid offline_access email", "metadata": json.RawMessage(metadata),
		})
	}
	b := NewBrowser(t)
	s.authorize(b, "r-used")
	b.Submit("form", map[string]string{"identifier": "ada@example.com", "password": password, "method": "password"})
	b.Submit("form", map[string]string{"action": "allow"})
	old := "created_at - interval '40 days'"
	if s.sqlite {
		old = "strftime('%Y-%m-%d %H:%M:%f+00:00', created_at, '-40 days')"
	}
	mustExec(t, s.hydra, "UPDATE hydra_client SET created_at = "+old+" WHERE id LIKE 'r-%' AND id <> 'r-young'")
	s.clean(t)
	var got []string
	for _, id := range names(t, s, "hydra_client", "id") {
		if strings.HasPrefix(id, "r-") {
			got = append(got, id)
		}
	}
	if diff := cmp.Diff([]string{"r-made", "r-used", "r-verified", "r-young"}, got); diff != "" {
		t.Errorf("clients that stay: %s", diff)
	}
}
