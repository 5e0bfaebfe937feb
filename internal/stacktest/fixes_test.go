package stacktest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"example.com/identityd/internal/tried"
)

// TestFixesAfterThePin tries what upstream fixed after the pinned versions, on one stack.
func TestFixesAfterThePin(t *testing.T) {
	notOnStandIn(t, onSQLite)
	s := Start(t, registrationsOfClients(t), withVault(t))
	for name, got := range faultsOfAPIs(t, s) {
		want := map[string]string{
			"the password alone lists sessions":                  "403",
			"the password alone ends sessions":                   "403",
			"a JSON Patch replaces a password":                   "400, and the old password opens",
			"a JSON Patch turns one person into another":         "400, and both are as they were",
			"a page of Hydra's own is shown to anybody":          "404",
			"40 clients register within a minute from one place": "30 of 40 are made",
			"a list is asked for a page of -1 rows":              "400",
		}[name]
		if got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
		tried.Report(t, name, "%s", got)
	}
	t.Run("forged page tokens", func(t *testing.T) { forgedPageTokens(t, s) })
	t.Run("a request_uri", func(t *testing.T) { requestURIs(t, s) })
	t.Run("verifiers are used once", func(t *testing.T) { replayedVerifiers(t, s) })
}

// TestUnfixedAPIsHaveTheirFaults shows that the test above would notice.
func TestUnfixedAPIsHaveTheirFaults(t *testing.T) {
	notOnStandIn(t, onSQLite)
	s := Start(t, registrationsOfClients(t), UnfixedAPIs())
	for name, got := range faultsOfAPIs(t, s) {
		want := map[string]string{
			"the password alone lists sessions":                  "200",
			"the password alone ends sessions":                   "200",
			"a JSON Patch replaces a password":                   "200, and the old password does not open",
			"a JSON Patch turns one person into another":         "409, and both are as they were",
			"a page of Hydra's own is shown to anybody":          "200, and it is",
			"40 clients register within a minute from one place": "40 of 40 are made",
			"a list is asked for a page of -1 rows":              "500",
		}[name]
		if got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
		tried.Report(t, name+", as upstream serves it", "%s", got)
	}
}

// faultsOfAPIs tries each fault (docs/ory-quirks.md#q104 and the three after it) and says what happened.
func faultsOfAPIs(t *testing.T, s *Stack) map[string]string {
	t.Helper()
	out := map[string]string{}
	lone := signedInByHalf(t, s, "half@example.com")
	for name, method := range map[string]string{"lists": http.MethodGet, "ends": http.MethodDelete} {
		status, _ := lone.raw(method, s.URLs.Kratos+"/sessions", nil)
		out["the password alone "+name+" sessions"] = fmt.Sprint(status)
	}

	victim, other := member(t, s, "victim@example.com"), member(t, s, "other@example.com")
	status := patchIdentity(t, s, victim, "/Credentials/password", map[string]any{
		"type": "password", "identifiers": []string{"victim@example.com"}, "config": map[string]any{"hashed_password": "$2a$04$abcdefghijklmnopqrstuu"},
	})
	opens := "opens"
	if got, _ := apiLogin(t, s, "victim@example.com", password); got != http.StatusOK {
		opens = "does not open"
	}
	out["a JSON Patch replaces a password"] = fmt.Sprintf("%d, and the old password %s", status, opens)

	status = patchIdentity(t, s, victim, "/ID", other)
	became := "both are as they were"
	var now struct{ Traits struct{ Email string } }
	get(t, s.URLs.KratosAdmin+"/admin/identities/"+other, &now)
	if now.Traits.Email != "other@example.com" {
		became = "the other one has the traits of the first"
	}
	out["a JSON Patch turns one person into another"] = fmt.Sprintf("%d, and %s", status, became)

	code, body := fetch(t, http.DefaultClient, http.MethodGet, s.URLs.Hydra+"/oauth2/fallbacks/consent", "")
	out["a page of Hydra's own is shown to anybody"] = fmt.Sprint(code)
	if strings.Contains(body, "<h1>") {
		out["a page of Hydra's own is shown to anybody"] += ", and it is"
	}

	code, _ = fetch(t, http.DefaultClient, http.MethodGet, s.URLs.KratosAdmin+"/admin/identities?page_size=-1", "")
	out["a list is asked for a page of -1 rows"] = fmt.Sprint(code)

	made := 0
	for range 40 {
		code, _ := fetch(t, http.DefaultClient, http.MethodPost, s.URLs.Hydra+"/oauth2/register", `{"redirect_uris":["https://app.example.com/cb"]}`, "Content-Type: application/json")
		if code == http.StatusCreated {
			made++
		}
	}
	out["40 clients register within a minute from one place"] = fmt.Sprintf("%d of 40 are made", made)
	return out
}

// signedInByHalf makes somebody with a second factor and a session, and returns a browser that knows the
// password only.
func signedInByHalf(t *testing.T, s *Stack, email string) *Browser {
	t.Helper()
	member(t, s, email)
	whole := NewBrowser(t)
	signIn(whole, s, email)
	whole.Open(s.URLs.UI + "/settings")
	secret, _ := node(t, whole.flow(s), "totp_secret_key").Attributes.Text.Context["secret"].(string)
	code, err := totp.GenerateCode(secret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	whole.answer(s, map[string]string{"method": "totp", "totp_code": code})
	if got := whole.whoami(s); got == nil || got.AAL != "aal2" {
		t.Fatalf("got session %+v, want one with both factors", got)
	}
	if status, body := whole.raw(http.MethodGet, s.URLs.Kratos+"/sessions", nil); status != http.StatusOK {
		t.Fatalf("with both factors: got %d %s, want the list", status, body)
	}
	lone := NewBrowser(t)
	signIn(lone, s, email)
	if lone.whoami(s) != nil {
		t.Fatal("the password alone signs in")
	}
	return lone
}

func patchIdentity(t *testing.T, s *Stack, id, path string, value any) int {
	t.Helper()
	raw, err := json.Marshal([]any{map[string]any{"op": "add", "path": path, "value": value}})
	if err != nil {
		t.Fatal(err)
	}
	status, _ := fetch(t, http.DefaultClient, http.MethodPatch, s.URLs.KratosAdmin+"/admin/identities/"+id, string(raw), "Content-Type: application/json")
	return status
}

// requestURIs: only what the client registered is fetched, whoever writes the request.
func requestURIs(t *testing.T, s *Stack) {
	fetched := make(chan string, 10)
	remote := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fetched <- r.URL.Path
		http.Error(w, "no", http.StatusNotFound)
	}))
	t.Cleanup(remote.Close)
	post(t, s.URLs.HydraAdmin+"/admin/clients", map[string]any{
		"client_id": "by-reference", "redirect_uris": []string{vaultCallback}, "request_uris": []string{remote.URL + "/registered"},
		"jwks": map[string]any{"keys": []any{map[string]any{ // the example of RFC 7517, appendix A.1
			"kty": "EC", "crv": "P-256", "kid": "1", "use": "sig", "alg": "ES256",
			"x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
		}}},
	})
	ask := func(uri string) string {
		b := NewBrowser(t)
		b.Open(s.URLs.Hydra + "/oauth2/auth?" + url.Values{
			"client_id": {"by-reference"}, "response_type": {"code"}, "scope": {"openid"}, "state": {"state-state"},
			"redirect_uri": {vaultCallback}, "request_uri": {uri},
		}.Encode())
		return b.URL.Query().Get("error")
	}
	got := ask(remote.URL + "/of-somebody-else")
	if len(fetched) != 0 || got != "invalid_request_uri" {
		t.Errorf("got %q and %d requests, want invalid_request_uri and none", got, len(fetched))
	}
	tried.Report(t, "an authorization request with a request_uri that the client did not register", "%s, %d fetched", got, len(fetched))
	if ask(remote.URL + "/registered"); len(fetched) != 1 {
		t.Errorf("got %d requests for the registered one, want 1: the test above proves nothing", len(fetched))
	}
}

// replayedVerifiers opens the links of a sign-in again that carry what the pages were told.
func replayedVerifiers(t *testing.T, s *Stack) {
	ada(t, s)
	b := NewBrowser(t)
	var seen []string
	stop := b.client.CheckRedirect
	b.client.CheckRedirect = func(r *http.Request, via []*http.Request) error {
		if q := r.URL.Query(); q.Has("login_verifier") || q.Has("consent_verifier") {
			seen = append(seen, r.URL.String())
		}
		return stop(r, via)
	}
	b.Open(s.URLs.Hydra + "/oauth2/auth?" + url.Values{
		"client_id": {"vault"}, "response_type": {"code"}, "scope": {"openid email offline_access"},
		"state": {"state-state"}, "redirect_uri": {vaultCallback},
	}.Encode())
	b.Submit("form", map[string]string{"identifier": "ada@example.com", "password": password, "method": "password"})
	b.Submit("form", map[string]string{"action": "allow"})
	if b.URL.Query().Get("code") == "" || len(seen) != 2 {
		t.Fatalf("got %s and %d verifiers, want a code and both", b.URL.Redacted(), len(seen))
	}
	for _, link := range seen {
		u, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		what := "login_verifier"
		if u.Query().Has("consent_verifier") {
			what = "consent_verifier"
		}
		for name, browser := range map[string]*Browser{"the same browser": b, "another browser": NewBrowser(t)} {
			browser.Open(link)
			code := browser.URL.Query().Get("code")
			if code != "" {
				t.Errorf("%s in %s: got a code", what, name)
			}
			tried.Report(t, "a "+what+" used again in "+name, "%s, no code", outcomeOf(browser))
		}
	}
}

func outcomeOf(b *Browser) string {
	if e := b.URL.Query().Get("error"); e != "" {
		return e
	}
	return b.URL.Path
}
