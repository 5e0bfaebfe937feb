package hydra

import (
	"net/url"
	"strings"
	"testing"

	"github.com/ory/hydra/v2/client"
)

func TestAddressesOfClients(t *testing.T) {
	hostile := []string{
		"javascript:alert(1)", "JavaScript:alert(1)", " javascript:alert(1)", "java\tscript:alert(1)", "\x01javascript:alert(1)", "javascript://app.example.com/%0aalert(1)",
		"data:text/html,<script>alert(1)</script>", "vbscript:msgbox(1)", "file:///etc/passwd", "blob:https://app.example.com/x", "view-source:https://app.example.com",
		"//app.example.com/x", "/x", "x", "https:app.example.com", "https:///x", "https://u:p@app.example.com", "https://app.example.com\\@evil.example",
		"https://app.example.com/a\\b", "https://" + strings.Repeat("a", 2048) + ".example",
	}
	for _, raw := range hostile {
		t.Run("no page of a client is at "+raw, func(t *testing.T) {
			for _, c := range []client.Client{
				{ClientURI: raw},
				{PolicyURI: raw},
				{TermsOfServiceURI: raw},
				{LogoURI: raw},
				{JSONWebKeysURI: raw},
				{SectorIdentifierURI: raw},
				{FrontChannelLogoutURI: raw},
				{BackChannelLogoutURI: raw},
				{RequestURIs: []string{raw}},
				{RedirectURIs: []string{raw}},
				{PostLogoutRedirectURIs: []string{raw}},
				{AllowedCORSOrigins: []string{raw}},
			} {
				if checkClient(&c, true) == nil {
					t.Errorf("accepted: %+v", c)
				}
			}
		})
	}
	for _, raw := range []string{"https://app.example.com/x?y#z", "http://app.example.com", "HTTPS://app.example.com"} {
		t.Run("a page of a client is at "+raw, func(t *testing.T) {
			if msg := webProblem(raw); msg != "" {
				t.Error(msg)
			}
		})
	}
	for raw, want := range map[string]bool{
		"https://app.example.com/cb": true, "com.example.app:/cb": true, "myapp://cb": true, "http://127.0.0.1:1234/cb": true, "http://[::1]/cb": true,
		"http://localhost/cb": true, "http://app.localhost/cb": true, "http://app.example.com/cb": false, "https://*.example.com/cb": false,
		"com.example.app:cb": false, "intent://x": false,
	} {
		t.Run("a code goes to "+raw+" or does not", func(t *testing.T) {
			if got := returnProblem(raw, false); (got == "") != want {
				t.Errorf("got %q, want accepted %v", got, want)
			}
		})
	}
	for raw, want := range map[string]bool{
		"https://app.example.com": true, "http://localhost:3000": true, "https://*.example.com": true, "https://*.apps.example.co.uk": true,
		"https://*.co.uk": false, "https://*.com": false, "https://*foo.com": false, "https://*": false, "*": false, "https://{a,b}.com": false, "https://[a-z].com": false,
		"https://a?.com": false, "https://*.localhost": false,
	} {
		t.Run("pages of "+raw+" call or do not", func(t *testing.T) {
			if got := corsProblem(raw); (got == "") != want {
				t.Errorf("got %q, want accepted %v", got, want)
			}
		})
	}
}

// FuzzClientURI: what is accepted is an address of the web with a host, and nothing else, to a browser too.
func FuzzClientURI(f *testing.F) {
	for _, seed := range []string{"https://app.example.com/x", "javascript:alert(1)", "http:\\\\x", "https://a@b", "HTTPS://[::1]:80/", "com.example.app:/cb"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		returnProblem(raw, false)
		corsProblem(raw)
		if webProblem(raw) != "" {
			return
		}
		lower := strings.ToLower(raw)
		u, err := url.Parse(raw)
		if err != nil || u.Host == "" || u.User != nil || !strings.HasPrefix(lower, "http://") && !strings.HasPrefix(lower, "https://") {
			t.Errorf("accepted %q", raw)
		}
		for _, r := range raw {
			if r < ' ' || r == '\\' {
				t.Errorf("accepted %q", raw)
			}
		}
	})
}
