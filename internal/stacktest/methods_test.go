package stacktest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/tried"
)

// Messages of Kratos' (text/id.go).
const (
	msgLinkAccount  = 1010016
	msgWrongCode    = 4000006
	msgLookupUsed   = 4000012
	msgNotVerified  = 4000010
	providerSecret  = "a-secret-that-nobody-guesses"
	providerOfWords = `
- id: work
  preset: oidc
  name: Work
  client_id: here
  client_secret: ` + providerSecret + `
  issuer: `
)

// TestWaysToSignIn goes through the factors on one stack, with another identityd as the service that
// people sign in with.
func TestWaysToSignIn(t *testing.T) {
	work := Start(t)
	s := Start(t, orStandIn(t), Set("identity.verification", "required"), Set("login.first.code.enabled", "true"),
		withFiles(t, map[string]string{"login_providers": providerOfWords + work.URLs.Hydra}))
	post(t, work.URLs.HydraAdmin+"/admin/clients", map[string]any{
		"client_id": "here", "client_secret": providerSecret, "scope": "openid email profile", "skip_consent": true,
		"redirect_uris": []string{s.URLs.Kratos + "/self-service/methods/oidc/callback/work"},
	})
	start := application(t, s)
	var totpOfTom func() string
	for _, one := range []struct {
		name string
		test func(*testing.T)
	}{
		{"second factors", func(t *testing.T) { totpOfTom = testSecondFactors(t, s) }},
		{"codes by mail", func(t *testing.T) { testCodes(t, s) }},
		{"social sign-in", func(t *testing.T) { testSocial(t, s, work, start) }},
		{"account linking", func(t *testing.T) { testLinking(t, s, work, start) }},
		{"account linking with a second factor", func(t *testing.T) { testLinkingInTwoSteps(t, s, work, start, totpOfTom) }},
		{"a known address", func(t *testing.T) { testKnownAddress(t, s, start) }},
	} {
		t.Run(one.name, one.test)
	}
}

// testSecondFactors sets up those of tom@example.com and returns the maker of his codes.
func testSecondFactors(t *testing.T, s *Stack) func() string {
	member(t, s, "tom@example.com")
	b := NewBrowser(t)
	signIn(b, s, "tom@example.com")
	b.Open(s.URLs.UI + "/settings")
	key := node(t, b.flow(s), "totp_secret_key").Attributes.Text
	secret, _ := key.Context["secret"].(string)
	now := func() string {
		code, err := totp.GenerateCode(secret, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	b.answer(s, map[string]string{"method": "totp", "totp_code": now()})
	if got := b.whoami(s); got == nil || got.AAL != "aal2" {
		t.Fatalf("got session %+v, want the one that set the factor up to have it", got)
	}
	b.Open(s.URLs.UI + "/settings")
	b.answer(s, map[string]string{"method": "lookup_secret", "lookup_secret_regenerate": "true"})
	list, _ := node(t, b.flow(s), "lookup_secret_codes").Attributes.Text.Context["secrets"].([]any)
	if len(list) == 0 {
		t.Fatal("got no recovery codes")
	}
	first, _ := list[0].(map[string]any)["context"].(map[string]any)["secret"].(string)
	b.answer(s, map[string]string{"method": "lookup_secret", "lookup_secret_confirm": "true"})

	enter := func(t *testing.T, fields map[string]string) (*Browser, *identity.Session) {
		t.Helper()
		b := NewBrowser(t)
		signIn(b, s, "tom@example.com")
		if b.whoami(s) != nil {
			t.Fatal("the password alone signs in")
		}
		if f := b.flow(s); f.RequestedAAL != "aal2" {
			t.Fatalf("got %s, want the page that asks for the second factor", b.URL.Redacted())
		}
		b.answer(s, fields)
		return b, b.whoami(s)
	}
	t.Run("the code of an authenticator application is asked for, and enough", func(t *testing.T) {
		if _, got := enter(t, map[string]string{"method": "totp", "totp_code": now()}); got == nil || got.AAL != "aal2" {
			t.Errorf("got session %+v, want one of aal2", got)
		}
	})
	t.Run("a wrong one is not", func(t *testing.T) {
		if _, got := enter(t, map[string]string{"method": "totp", "totp_code": "000000"}); got != nil {
			t.Errorf("got session %+v, want none", got)
		}
	})
	t.Run("a recovery code is, once", func(t *testing.T) {
		if _, got := enter(t, map[string]string{"method": "lookup_secret", "lookup_secret": first}); got == nil || got.AAL != "aal2" {
			t.Errorf("got session %+v, want one of aal2", got)
		}
		b, got := enter(t, map[string]string{"method": "lookup_secret", "lookup_secret": first})
		if got != nil || !said(b.flow(s), msgLookupUsed) {
			t.Errorf("got session %+v, want none and the message that it was used", got)
		}
	})
	return now
}

func testCodes(t *testing.T, s *Stack) {
	const email = "codie@example.com"
	b := NewBrowser(t)
	b.Open(s.URLs.UI + "/registration")
	b.answer(s, map[string]string{"traits.email": email, "method": "code"})
	code, _ := mailed(t, s, email)
	b.answer(s, map[string]string{"code": code, "method": "code", "traits.email": email})
	t.Run("a sign-up by code proves the address on the way", func(t *testing.T) {
		if got := b.whoami(s); got == nil || !verified(t, s, email) {
			t.Errorf("got %s and session %+v, want a session", b.URL.Redacted(), got)
		}
	})
	t.Run("a sign-in by code", func(t *testing.T) {
		other := NewBrowser(t)
		other.Open(s.URLs.UI + "/login")
		other.answer(s, map[string]string{"identifier": email, "method": "code"})
		second := newer(t, s, email, code)
		// Kratos looks for the address, the throttle counts the identifier (docs/ory-quirks.md#q113).
		other.answer(s, map[string]string{"identifier": "else@example.com", "address": email, "method": "code", "code": second})
		got := other.whoami(s)
		if got != nil {
			t.Errorf("got session %+v by a try that was counted for somebody else", got)
		}
		tried.Report(t, "a code in the name of one account with the address of another", "a session: %t", got != nil)
		other.answer(s, map[string]string{"identifier": email, "method": "code", "code": second})
		if got = other.whoami(s); got == nil {
			t.Errorf("got %s and no session", other.URL.Redacted())
		}
	})
}

func testSocial(t *testing.T, s, work *Stack, start string) {
	member(t, work, "gus@example.com")
	for _, page := range []string{"/login", "/registration"} {
		t.Run("from "+page+" it leads to the application, without a question", func(t *testing.T) {
			b := apart(NewBrowser(t), work)
			b.Open(start)
			if page == "/registration" {
				b.Open(s.URLs.UI + page + "?" + url.Values{"login_challenge": {b.flow(s).LoginChallenge}}.Encode())
			}
			b.answer(s, map[string]string{"provider": "work"})
			b.answer(work, map[string]string{"identifier": "gus@example.com", "password": password, "method": "password"})
			if b.URL.Path != "/consent" {
				t.Fatalf("got %s, want the consent of the application", b.URL.Redacted())
			}
			if got := b.whoami(s); got == nil || got.Identity.Traits["email"] != "gus@example.com" || !verified(t, s, "gus@example.com") {
				t.Errorf("got session %+v, want one with the verified address of the provider", got)
			}
		})
	}
}

func testLinking(t *testing.T, s, work *Stack, start string) {
	const email = "lin@example.com"
	member(t, work, email)
	id := member(t, s, email)
	b := apart(NewBrowser(t), work)
	b.Open(start)
	b.answer(s, map[string]string{"provider": "work"})
	b.answer(work, map[string]string{"identifier": email, "password": password, "method": "password"})
	f := b.flow(s)
	if !said(f, msgLinkAccount) || f.LoginChallenge == "" {
		t.Fatalf("got messages %+v and challenge %q, want to be asked for the account that exists, with the application",
			f.UI.Messages, f.LoginChallenge)
	}
	if got := b.whoami(s); got != nil {
		t.Fatalf("got session %+v before the account was proved", got)
	}
	b.answer(s, map[string]string{"identifier": email, "password": password, "method": "password"})
	if got := b.whoami(s); got == nil || got.Identity.ID != id || b.URL.Path != "/consent" {
		t.Fatalf("got %s and session %+v, want the consent of the application for %s", b.URL.Redacted(), got, id)
	}
	t.Run("from then on the provider is enough", func(t *testing.T) {
		b := apart(NewBrowser(t), work)
		b.Open(s.URLs.UI + "/login")
		b.answer(s, map[string]string{"provider": "work"})
		b.answer(work, map[string]string{"identifier": email, "password": password, "method": "password"})
		if got := b.whoami(s); got == nil || got.Identity.ID != id {
			t.Fatalf("got %s and session %+v", b.URL.Redacted(), got)
		}
		t.Run("until it is taken away", func(t *testing.T) {
			b.Open(s.URLs.UI + "/settings")
			b.answer(s, map[string]string{"unlink": "work", "method": "oidc"})
			if node(t, b.flow(s), "link").Attributes.Value != "work" {
				t.Error("the provider is not offered to be linked again")
			}
		})
		t.Run("and given again in the settings", func(t *testing.T) {
			b.answer(s, map[string]string{"link": "work", "method": "oidc"})
			if b.URL.Path != "/settings" || node(t, b.flow(s), "unlink").Attributes.Value != "work" {
				t.Errorf("got %s, want the settings with the provider linked", b.URL.Redacted())
			}
		})
	})
}

// testLinkingInTwoSteps links a provider to an account that has a second factor: nothing is linked before
// it was given, and the application is kept through that step too.
func testLinkingInTwoSteps(t *testing.T, s, work *Stack, start string, code func() string) {
	const email = "tom@example.com"
	member(t, work, email)
	b := apart(NewBrowser(t), work)
	b.Open(start)
	b.answer(s, map[string]string{"provider": "work"})
	b.answer(work, map[string]string{"identifier": email, "password": password, "method": "password"})
	b.answer(s, map[string]string{"identifier": email, "password": password, "method": "password"})
	if f := b.flow(s); f.RequestedAAL != "aal2" || f.LoginChallenge == "" {
		t.Fatalf("got level %q and challenge %q, want to be asked for the second factor, with the application", f.RequestedAAL, f.LoginChallenge)
	}
	b.answer(s, map[string]string{"method": "totp", "totp_code": code()})
	if got := b.whoami(s); got == nil || b.URL.Path != "/consent" {
		t.Fatalf("got %s and session %+v, want the consent of the application", b.URL.Redacted(), got)
	}
	b.Open(s.URLs.UI + "/settings")
	if node(t, b.flow(s), "unlink").Attributes.Value != "work" {
		t.Error("the provider is not linked")
	}
}

// signIn signs in with the password.
func signIn(b *Browser, s *Stack, email string) {
	b.t.Helper()
	b.Open(s.URLs.UI + "/login")
	b.answer(s, map[string]string{"identifier": email, "password": password, "method": "password"})
}

// member makes somebody with the password and a verified address, and returns the id.
func member(t *testing.T, s *Stack, email string) string {
	t.Helper()
	var out struct{ ID string }
	if err := json.Unmarshal(post(t, s.URLs.KratosAdmin+"/admin/identities", map[string]any{
		"schema_id": "email@1", "traits": map[string]any{"email": email},
		"credentials":          map[string]any{"password": map[string]any{"config": map[string]any{"password": password}}},
		"verifiable_addresses": []any{map[string]any{"value": email, "via": "email", "verified": true, "status": "completed"}},
	}), &out); err != nil {
		t.Fatal(err)
	}
	return out.ID
}

func post(t *testing.T, address string, body any) []byte {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var out bytes.Buffer
	if _, err := out.ReadFrom(res.Body); err != nil || res.StatusCode != http.StatusCreated {
		t.Fatalf("%s: got status %d, error %v: %s", address, res.StatusCode, err, out.String())
	}
	return out.Bytes()
}

// newer waits for a code other than old.
func newer(t *testing.T, s *Stack, email, old string) string {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
		if code, _ := mailed(t, s, email); code != old {
			return code
		}
	}
	t.Fatal("no new code came")
	return ""
}

// apart keeps the cookies of the other stack apart. Cookies ignore ports, and both stacks are at localhost,
// where no two services would be.
func apart(b *Browser, other *Stack) *Browser {
	b.t.Helper()
	theirs, err := cookiejar.New(nil)
	if err != nil {
		b.t.Fatal(err)
	}
	hosts := map[string]bool{}
	for _, raw := range []string{other.URLs.UI, other.URLs.Hydra, other.URLs.Kratos} {
		u, err := url.Parse(raw)
		if err != nil {
			b.t.Fatal(err)
		}
		hosts[u.Host] = true
	}
	b.client.Jar = twoJars{ours: b.client.Jar, theirs: theirs, hosts: hosts}
	return b
}

type twoJars struct {
	ours, theirs http.CookieJar
	hosts        map[string]bool
}

func (j twoJars) of(u *url.URL) http.CookieJar {
	if j.hosts[u.Host] {
		return j.theirs
	}
	return j.ours
}

// SetCookies implements http.CookieJar.
func (j twoJars) SetCookies(u *url.URL, list []*http.Cookie) { j.of(u).SetCookies(u, list) }

// Cookies implements http.CookieJar.
func (j twoJars) Cookies(u *url.URL) []*http.Cookie { return j.of(u).Cookies(u) }
