package ui

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/identity"
)

const hostile = `"><script>alert(1)</script><img src=x onerror=alert(1)>` + "\u202e\x00"

func TestHostileTextsStayTexts(t *testing.T) {
	f := engines()
	bad := identity.Client{
		ID: hostile, Name: hostile, URI: "javascript:alert(1)", PolicyURI: "data:text/html,x",
		TermsOfServiceURI: "https://user@evil.example", LogoURI: hostile,
		RedirectURIs: []string{"https://notes.example/cb", "javascript:alert(1)", hostile},
	}
	f.whoami = func(string) (*identity.Session, error) {
		return &identity.Session{Identity: identity.Identity{
			ID: "anna-id", Traits: map[string]any{"email": hostile},
		}}, nil
	}
	f.consentRequest = func(c string) (*identity.ConsentRequest, error) {
		return &identity.ConsentRequest{
			Client: bad, Subject: "anna-id", RequestedScope: []string{"openid", hostile},
		}, nil
	}
	f.logoutRequest = func(string) (*identity.LogoutRequest, error) {
		return &identity.LogoutRequest{Client: &bad}, nil
	}
	f.flowError = func(string) (*identity.FlowError, error) {
		return &identity.FlowError{Status: 400, Reason: hostile}, nil
	}
	f.flow = func(identity.FlowKind, string, string) (*identity.Flow, error) {
		node := failing(labeled(input("password", hostile, hostile, hostile), hostile), hostile)
		node.Attributes.Autocomplete, node.Attributes.Pattern = hostile, hostile
		flow := flowOf(
			token(), input("default", "identifier", "hidden", hostile), node,
			input(hostile, hostile, "submit", hostile),
			identity.Node{Type: "text", Group: "totp", Attributes: identity.Attributes{
				Text: &identity.Message{Text: hostile},
			}},
		)
		flow.UI.Messages = []identity.Message{{Text: hostile, Type: "error"}, {Text: hostile}}
		flow.LoginRequest = &identity.LoginRequest{Client: bad}
		flow.ReturnTo = "javascript:alert(1)"
		return flow, nil
	}
	cfg := config(f)
	cfg.Inbox = &fakeInbox{mails: []identity.Mail{{
		ID: "m1", From: hostile, To: []string{hostile, hostile}, Subject: hostile, Text: hostile,
		HTML: hostile, Code: hostile, Link: "javascript:alert(1)",
	}}}
	everyPage(t, newUIWith(t, cfg), func(t *testing.T, _ string, a answer) {
		page := a.page()
		page.Missing(`script:not([src^="/assets/"]), img, [onerror], [href^=javascript], [href^=data]`)
		page.Missing(`[src]:not(iframe[src^="/account/inbox"][src$="/html"]):not(script)`)
		if strings.Contains(page.Text("body"), "\u202e") {
			t.Error("a character that turns text round is shown")
		}
	})
	q := url.Values{"error": {hostile}, "error_description": {hostile}, "error_hint": {hostile}}
	newBrowser(t, newUI(t, f)).get("/error?" + q.Encode()).shows(400).Missing(`script:not([src^="/assets/"]), img`)
}

func TestDestinations(t *testing.T) {
	const registered = "https://notes.example/cb"
	for name, tt := range map[string]struct {
		asked      string
		extra      string
		registered []string
		want       []string
	}{
		"the address of the request is the one": {
			registered, "", []string{registered, "https://other.example/cb"}, []string{"notes.example"},
		},
		"without one, all that are registered": {
			"", "",
			[]string{registered, registered, "https://b.example:8443/"},
			[]string{"notes.example", "b.example:8443"},
		},
		"one that is not registered is not believed": {
			"https://evil.example/cb", "", []string{registered}, []string{"notes.example"},
		},
		"a request object overrides the query": {
			registered, "&request=eyJ",
			[]string{registered, "https://b.example"},
			[]string{"notes.example", "b.example"},
		},
		"an application on this device chooses its port": {
			"http://127.0.0.1:51234/cb", "",
			[]string{"http://127.0.0.1/cb"},
			[]string{"127.0.0.1:51234 (this device)"},
		},
		"an application elsewhere does not": {
			"http://notes.example:51234/cb", "",
			[]string{"http://notes.example/cb"},
			[]string{"notes.example"},
		},
		"an application with a scheme of its own": {
			"com.example.app:/cb", "", []string{"com.example.app:/cb"}, []string{"com.example.app:"},
		},
		"letters that look alike are spelled out": {
			"", "", []string{"https://nоtes.example/cb"}, []string{"xn--ntes-55d.example"},
		},
		"a name before the host is not the host": {
			"", "", []string{"https://bank.example@evil.example/"}, []string{"evil.example"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := destinations(englishWords(t), &identity.ConsentRequest{
				RequestURL: hydraURL + "/oauth2/auth?redirect_uri=" + url.QueryEscape(tt.asked) + tt.extra,
				Client:     identity.Client{RedirectURIs: tt.registered},
			})
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSecureLink(t *testing.T) {
	for address, want := range map[string]string{
		"https://a.example/x?y=z": "https://a.example/x?y=z",
		"http://a.example/":       "",
		"https://b@a.example/":    "",
		"https:///x":              "",
		"javascript:alert(1)":     "",
		"data:text/html,x":        "",
		"":                        "",
		"https://a.example/\x00":  "",
		"https://" + strings.Repeat("a", 2048) + ".example": "",
	} {
		if got := secureLink(address); got != want {
			t.Errorf("secureLink(%.40q): got %q, want %q", address, got, want)
		}
	}
}

func TestPlain(t *testing.T) {
	for text, want := range map[string]string{
		"  a \r\n b\t": "a b", "a\u200bb\u202ec": "abc", "日本語": "日本語", "123456789012": "1234567890…",
		"": "", "\x00\x1b[31m": "[31m", "é\xff": "é",
	} {
		if got := plain(text, 10); got != want {
			t.Errorf("plain(%q): got %q, want %q", text, got, want)
		}
	}
}

func TestNewRefusesAConfigThatCannotWork(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"no log":          {func(c *Config) { c.Log = nil }, "Log is missing"},
		"a short key":     {func(c *Config) { c.CSRFKeys = [][]byte{[]byte("short")} }, "CSRFKeys has one of 5 bytes, want 32"},
		"no address":      {func(c *Config) { c.URLs.UI = "" }, `URLs.UI: "" is not an http or https address`},
		"a wrong address": {func(c *Config) { c.URLs.Hydra = "ftp://x" }, `URLs.Hydra: "ftp://x"`},
		"no claims":       {func(c *Config) { c.Claims = nil }, "Claims is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config(engines())
			tt.change(&cfg)
			if _, err := New(cfg); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got error %v, want one with %q", err, tt.want)
			}
		})
	}
}

func TestAPageThatCannotBeRenderedIsReplacedAsAWhole(t *testing.T) {
	f := engines()
	f.whoami = signedOut
	u := newUI(t, f)
	home, err := u.pages.Home.in("en")
	if err != nil {
		t.Fatal(err)
	}
	broken := home.New("broken")
	u.pages.Home.by["en"], u.pages.Error.by["en"] = broken, broken
	a := newBrowser(t, u).get("/")
	if a.status != http.StatusInternalServerError || a.body != string(u.broken) {
		t.Errorf("got %d %q, want the prepared page", a.status, a.body)
	}
	a.page().One("main h1")
}
