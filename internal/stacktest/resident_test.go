package stacktest

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // RFC 6238's default, which authenticator applications use
	"encoding/base32"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// resident is a person who signed in before a house was moved, with all that she was given there.
type resident struct {
	email   string
	id      string
	browser *Browser // with the cookies of her session, at Kratos and at Hydra
	start   string   // the address that begins a sign-in at the application, of the old house
	refresh string
	access  string
	keys    string // the ids of the signing keys
	secret  string // of TOTP
}

// moveIn makes a person, a client, a remembered consent, tokens and a second factor.
func moveIn(t *testing.T, s *Stack) *resident {
	t.Helper()
	r := &resident{email: "ada@example.com", browser: NewBrowser(t), keys: keyIDs(t, s)}
	var made json.RawMessage
	call(t, http.MethodPost, s.URLs.HydraAdmin+"/admin/clients", "application/json", `{"client_id":"app","client_name":"App",
		"scope":"openid offline_access email","grant_types":["authorization_code","refresh_token"],
		"redirect_uris":["https://`+AppHost+`/callback"],"token_endpoint_auth_method":"none"}`, nil, &made)
	r.start = "/oauth2/auth?" + url.Values{
		"client_id": {"app"}, "response_type": {"code"}, "scope": {"openid offline_access email"}, "state": {"state-state"},
		"redirect_uri": {"https://" + AppHost + "/callback"}, "code_challenge_method": {"S256"},
		"code_challenge": {"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}, // RFC 7636 appendix B
	}.Encode()
	b := r.browser
	b.Open(s.URLs.Hydra + r.start)
	link, err := b.URL.Parse(b.Page.Attr(`a[href*="/registration"]`, "href"))
	if err != nil {
		t.Fatal(err)
	}
	b.Open(link.String())
	b.Submit("form", map[string]string{"traits.email": r.email, "password": password, "method": "password"})
	b.Submit("form", map[string]string{"action": "allow", "remember": "true"})
	if b.URL.Hostname() != AppHost {
		t.Fatalf("the sign-up ended at %s (%d), want the application", b.URL.Redacted(), b.Status)
	}
	r.exchange(t, s, url.Values{
		"grant_type": {"authorization_code"}, "code": {b.URL.Query().Get("code")}, "client_id": {"app"},
		"redirect_uri": {"https://" + AppHost + "/callback"}, "code_verifier": {"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"},
	})
	token := r.signIn(t, s)
	r.id = nativeWhoami(t, s, token).Identity.ID
	flow := nativeFlow(t, s, "/self-service/settings/api", token)
	for _, n := range flow.UI.Nodes {
		if n.Attributes.ID == "totp_secret_key" {
			r.secret = n.Attributes.Text.Text
		}
	}
	answerFlow(t, s, flow, token, map[string]any{"method": "totp", "totp_code": totpCode(t, r.secret)})
	// Whoever has a second factor is asked for it in every browser.
	b.Open(s.URLs.UI + "/login?aal=aal2")
	b.Submit("form", map[string]string{"method": "totp", "totp_code": totpCode(t, r.secret)})
	if got := b.Code(s.URLs.Kratos + "/sessions/whoami"); got != http.StatusOK {
		t.Fatalf("whoami after the second factor: got %d, want 200", got)
	}
	return r
}

// exchange asks for tokens and keeps them.
func (r *resident) exchange(t *testing.T, s *Stack, form url.Values) {
	t.Helper()
	var out struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
	}
	call(t, http.MethodPost, s.URLs.Hydra+"/oauth2/token", "application/x-www-form-urlencoded", form.Encode(), nil, &out)
	if out.Access == "" || out.Refresh == "" {
		t.Fatal("got no tokens")
	}
	r.access, r.refresh = out.Access, out.Refresh
}

// signIn signs in with the password, as a native application does, and returns the session's token.
func (r *resident) signIn(t *testing.T, s *Stack) string {
	t.Helper()
	out := answerFlow(t, s, nativeFlow(t, s, "/self-service/login/api", ""), "", map[string]any{
		"method": "password", "identifier": r.email, "password": password,
	})
	return out.Token
}

// checkAtHome is what a person who was moved expects in the new house.
func (r *resident) checkAtHome(t *testing.T, s *Stack) {
	t.Run("the session of before is still one", func(t *testing.T) {
		if got := r.browser.Code(s.URLs.Kratos + "/sessions/whoami"); got != http.StatusOK {
			t.Errorf("whoami: got %d, want 200", got)
		}
	})
	t.Run("the application's tokens go on", func(t *testing.T) {
		for i := range 2 { // the second is the one that the new house gave
			var seen struct {
				Active bool
				Sub    string
			}
			call(t, http.MethodPost, s.URLs.HydraAdmin+"/admin/oauth2/introspect", "application/x-www-form-urlencoded",
				url.Values{"token": {r.access}}.Encode(), nil, &seen)
			if !seen.Active || seen.Sub != r.id {
				t.Errorf("introspection %d: got %+v, want an active token of %s", i+1, seen, r.id)
			}
			r.exchange(t, s, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {r.refresh}, "client_id": {"app"}})
		}
	})
	t.Run("the application is entered without a question", func(t *testing.T) {
		r.browser.Open(s.URLs.Hydra + r.start)
		if r.browser.URL.Hostname() != AppHost || r.browser.URL.Query().Get("code") == "" {
			t.Errorf("got %s (%d), want the application with a code", r.browser.URL.Redacted(), r.browser.Status)
		}
	})
	t.Run("tokens are signed with the same keys", func(t *testing.T) {
		if got := keyIDs(t, s); got != r.keys {
			t.Errorf("got keys %s, want %s", got, r.keys)
		}
	})
	t.Run("password and second factor are known", func(t *testing.T) {
		token := r.signIn(t, s)
		flow := nativeFlow(t, s, "/self-service/login/api?aal=aal2", token)
		answerFlow(t, s, flow, token, map[string]any{"method": "totp", "totp_code": totpCode(t, r.secret)})
		if got := nativeWhoami(t, s, token); got.AAL != "aal2" || got.Identity.ID != r.id {
			t.Errorf("got %+v, want aal2 of %s", got, r.id)
		}
	})
	t.Run("recovery reaches her", func(t *testing.T) {
		b := NewBrowser(t)
		b.Open(s.URLs.UI + "/recovery")
		b.Submit("form", map[string]string{"email": r.email, "method": "code"})
		code := recoveryCode(t, s, r.email)
		b.Submit("#f-form", map[string]string{"code": code, "method": "code"})
		// Whoever has a second factor is asked for it first, and has a session by then.
		if path := b.URL.Path; path != "/settings" && path != "/login" || strings.Contains(b.URL.RawQuery, "error") {
			t.Errorf("got %s (%d), want the settings or the second factor", b.URL.Path, b.Status)
		}
	})
}

// nativeFlowState is a flow of Kratos, as far as it matters here.
type nativeFlowState struct {
	ID string
	UI struct {
		Action string
		Nodes  []struct {
			Attributes struct {
				ID   string
				Text struct{ Text string }
			}
		}
	}
}

type nativeSession struct {
	AAL      string `json:"authenticator_assurance_level"`
	Identity struct{ ID string }
}

func nativeFlow(t *testing.T, s *Stack, path, token string) nativeFlowState {
	t.Helper()
	var out nativeFlowState
	call(t, http.MethodGet, s.URLs.Kratos+path, "", "", asSession(token), &out)
	return out
}

func answerFlow(t *testing.T, s *Stack, f nativeFlowState, token string, fields map[string]any) (out struct {
	Token string `json:"session_token"`
},
) {
	t.Helper()
	raw, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	call(t, http.MethodPost, f.UI.Action, "application/json", string(raw), asSession(token), &out)
	return out
}

func nativeWhoami(t *testing.T, s *Stack, token string) nativeSession {
	t.Helper()
	var out nativeSession
	call(t, http.MethodGet, s.URLs.Kratos+"/sessions/whoami", "", "", asSession(token), &out)
	return out
}

func asSession(token string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header.Set("Accept", "application/json")
		if token != "" {
			r.Header.Set("X-Session-Token", token)
		}
	}
}

// totpCode is RFC 6238 with its defaults: SHA-1, thirty seconds, six digits.
func totpCode(t *testing.T, secret string) string {
	t.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil || len(key) == 0 {
		t.Fatalf("got no secret (%v)", err)
	}
	mac := hmac.New(sha1.New, key)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(time.Now().Unix()/30)))
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[at:])&0x7fffffff%1000000)
}

// recoveryCode waits for the mail with the code. Those of the old house are listed too.
func recoveryCode(t *testing.T, s *Stack, email string) string {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
		var mails []struct {
			Recipient, Subject, Status string
			Template                   string `json:"template_type"`
		}
		get(t, s.URLs.KratosAdmin+"/admin/courier/messages", &mails)
		for _, m := range mails {
			if m.Recipient == email && m.Template == "recovery_code_valid" && m.Status == "sent" {
				return regexp.MustCompile(`\b\d{6}\b`).FindString(m.Subject)
			}
		}
	}
	t.Fatal("no code was mailed")
	return ""
}
