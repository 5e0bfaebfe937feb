package ui

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/htmltest"
	"example.com/identityd/internal/identity"
)

// personalPages are those of somebody who is signed in.
func personalPages() []string {
	return []string{accountPath, securityPath, sessionsPath, applicationsPath, dataPath, deletePath}
}

func TestTheAccountPagesAskForASession(t *testing.T) {
	f := engines()
	u := newUI(t, f)
	for _, path := range personalPages() {
		f.whoami = signedOut
		newBrowser(t, u).get(path).goesTo(uiURL + "/login?return_to=" + url.QueryEscape(uiURL+path))
		f.whoami = func(string) (*identity.Session, error) {
			return nil, &identity.Error{Code: identity.AALRequired}
		}
		newBrowser(t, u).get(path).goesTo(uiURL + "/login?aal=aal2&return_to=" + url.QueryEscape(uiURL+path))
		f.whoami = func(string) (*identity.Session, error) {
			return nil, &identity.Error{Code: identity.Unavailable}
		}
		newBrowser(t, u).get(path).shows(http.StatusServiceUnavailable)
	}
	newBrowser(t, u).get("/account").goesTo(uiURL + accountPath)
}

func TestTheAccountPagesShowTheSameWay(t *testing.T) {
	u := newUI(t, engines())
	for _, path := range personalPages() {
		page := newBrowser(t, u).get(path).shows(http.StatusOK)
		for _, other := range append(personalPages()[:5], settingsPath) {
			page.One(`nav a[href="` + other + `"]`)
		}
		if current := page.All(`nav a[aria-current=page]`); len(current) != 1 {
			t.Errorf("%s: got %d current entries, want 1", path, len(current))
		}
	}
}

func TestTheOverview(t *testing.T) {
	f := engines()
	page := newBrowser(t, newUI(t, f)).get(accountPath).shows(http.StatusOK)
	if got, want := page.Text(".account"), "Signed in as anna@example.com"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	page.One(`form[action="/account/logout"]`)
	page.One(`a[href="/account/inbox"]`)
	closed := config(f)
	closed.Settings, closed.Inbox, closed.AccountRules.Deletion = false, nil, false
	newBrowser(t, newUIWith(t, closed)).get(accountPath).shows(http.StatusOK).
		Missing(`a[href^="/settings"], a[href="/account/inbox"], a[href="/account/delete"]`)
}

func TestHints(t *testing.T) {
	key := identity.Factor{Type: "webauthn", Keys: []identity.Key{{Name: "x"}}}
	totp := identity.Factor{Type: "totp"}
	codes := func(left int) identity.Factor {
		return identity.Factor{Type: "lookup_secret", Codes: 12, Left: left}
	}
	unverified := func(p *identity.Identity) {
		p.VerifiableAddresses = []identity.VerifiableAddress{
			{Value: "old@example.com", Verified: true}, {Value: "anna@example.com"},
		}
	}
	for name, tt := range map[string]struct {
		set    []identity.Factor
		person func(*identity.Identity)
		cfg    func(*Config)
		want   []string
	}{
		"an address that is not verified": {
			[]identity.Factor{totp, codes(9)},
			unverified, nil,
			[]string{uiURL + "/verification?return_to=" + url.QueryEscape(uiURL+accountPath)},
		},
		"but not where addresses are not verified": {
			[]identity.Factor{totp, codes(9)}, unverified, func(c *Config) { c.Verification = false }, nil,
		},
		"no second factor":            {nil, nil, nil, []string{"/settings#section-totp"}},
		"no second factor but a key":  {[]identity.Factor{key, codes(9)}, nil, nil, nil},
		"none that could be set up":   {nil, nil, func(c *Config) { c.AccountRules.Factors = Factors{} }, nil},
		"only keys can be set up":     {nil, nil, func(c *Config) { c.AccountRules.Factors = Factors{SecurityKey: true} }, []string{"/settings#section-webauthn"}},
		"a phone but no codes":        {[]identity.Factor{totp}, nil, nil, []string{"/settings#section-lookup_secret"}},
		"few codes left":              {[]identity.Factor{totp, codes(3)}, nil, nil, []string{"/settings#section-lookup_secret"}},
		"enough codes left":           {[]identity.Factor{totp, codes(4)}, nil, nil, nil},
		"nothing that can be changed": {nil, nil, func(c *Config) { c.Settings = false }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			f := engines()
			f.credentials = func(string) ([]identity.Factor, error) { return tt.set, nil }
			f.whoami = func(string) (*identity.Session, error) {
				s := annaHere()
				if tt.person != nil {
					tt.person(&s.Identity)
				}
				return &s, nil
			}
			cfg := config(f)
			if tt.cfg != nil {
				tt.cfg(&cfg)
			}
			page := newBrowser(t, newUIWith(t, cfg)).get(accountPath).shows(http.StatusOK)
			var got []string
			for _, n := range page.All(".notice.warning a") {
				href, _ := htmltest.Attr(n, "href")
				got = append(got, href)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheWaysToSignIn(t *testing.T) {
	f := engines()
	page := newBrowser(t, newUI(t, f)).get(securityPath).shows(http.StatusOK)
	text := strings.Join(strings.Fields(page.Text("main")), " ")
	for _, want := range []string{
		"Password On Set up on ", "2 recovery codes are left.", "Blue key · March 4, 2026", "GitHub, acme", "Authenticator app Not set up",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("got %q, want %q in it", text, want)
		}
	}
	for _, kind := range []string{"password", "passkey", "totp", "webauthn", "lookup_secret", "oidc"} {
		page.One(`.row-actions a[href="/settings#section-` + kind + `"]`)
	}
	cfg := config(f)
	cfg.AccountRules.Factors = Factors{Password: true}
	f.credentials = func(string) ([]identity.Factor, error) { return nil, nil }
	rows := newBrowser(t, newUIWith(t, cfg)).get(securityPath).shows(http.StatusOK).All(".rows > li")
	if len(rows) != 1 {
		t.Errorf("got %d rows, want the password alone", len(rows))
	}
}

// TestAFormDoesNothingToWhoeverIsSignedInByNow is what two tabs and two people do.
func TestAFormDoesNothingToWhoeverIsSignedInByNow(t *testing.T) {
	f := engines()
	justNow(f)
	b := newBrowser(t, newUI(t, f))
	forms := map[string]url.Values{}
	for page, form := range map[string]string{
		sessionsPath: `form[action="/account/sessions/revoke"]`, applicationsPath: `section:has(#application-0) form`,
		dataPath: `form[action="/account/data"]`, deletePath: `form[action="/account/delete"]`,
	} {
		shown := b.get(page).shows(http.StatusOK).Form(form)
		forms[shown.Action] = shown.Fields
	}
	f.whoami = func(string) (*identity.Session, error) {
		s := annaHere()
		s.Identity.ID = "berta-id"
		return &s, nil
	}
	f.accountFake = &accountFake{} // whose functions must not be called
	for action, fields := range forms {
		b.post(action, fields).shows(http.StatusForbidden)
		fields.Set("person", "berta-id")
		b.post(action, fields).shows(http.StatusForbidden)
	}
}
