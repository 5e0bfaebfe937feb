package ui

import (
	"net/http"
	"strings"
	"testing"

	"example.com/identityd/internal/identity"
)

const drawing = `<svg xmlns="http://www.w3.org/2000/svg"/>`

// asksConsent is a fake whose application has a logo at the address.
func asksConsent(logo string) *fake {
	f := engines()
	f.consentRequest = func(c string) (*identity.ConsentRequest, error) {
		request := consentRequest(c)
		request.Client.LogoURI = logo
		request.RequestedScope = []string{"openid", "groups", "notes.write"}
		return request, nil
	}
	return f
}

func TestALogoOfAFileIsServedByThePages(t *testing.T) {
	cfg := config(asksConsent("https://notes.example/logo.png"))
	cfg.ClientLogos = map[string]Image{"app": {Data: []byte(drawing), Type: "image/svg+xml"}}
	b := newBrowser(t, newUIWith(t, cfg))
	got := b.get("/consent?consent_challenge=c")
	source := got.shows(http.StatusOK).Attr(".tile img", "src")
	picture := b.get(source)
	if picture.status != http.StatusOK || picture.body != drawing || picture.header.Get("Content-Type") != "image/svg+xml" {
		t.Errorf("%s: got %d %s %q", source, picture.status, picture.header.Get("Content-Type"), picture.body)
	}
	if csp := picture.header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") {
		t.Errorf("the picture may do what %q allows", csp)
	}
}

func TestALogoOfAnotherServerIsShownOnlyWhereTheOperatorWantsIt(t *testing.T) {
	const policy = "img-src 'self' data:"
	for name, tt := range map[string]struct {
		logo    string
		foreign bool
		want    string // of the policy
	}{
		"not by default":                  {"https://cdn.example/logo.png", false, policy + "; "},
		"its origin and no other":         {"https://cdn.example:8443/logo.png", true, policy + " https://cdn.example:8443; "},
		"not over http":                   {"http://cdn.example/logo.png", true, policy + "; "},
		"not one that ends the policy":    {"https://a;script-src *.example/x", true, policy + "; "},
		"not one that adds to the policy": {"https://a,b.example/x", true, policy + "; "},
		"not one with a user":             {"https://u@cdn.example/x", true, policy + "; "},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config(asksConsent(tt.logo))
			cfg.ForeignLogos = tt.foreign
			got := newBrowser(t, newUIWith(t, cfg)).get("/consent?consent_challenge=c")
			page := got.shows(http.StatusOK)
			if csp := got.header.Get("Content-Security-Policy"); !strings.Contains(csp, tt.want) {
				t.Errorf("policy: got %q, want %q in it", csp, tt.want)
			}
			if shown := tt.want != policy+"; "; shown {
				page.One(`.tile img[src="` + tt.logo + `"]`)
			} else {
				page.Missing("img")
			}
		})
	}
}

func TestConsentSaysWhatForAndWhereInWords(t *testing.T) {
	cfg := config(asksConsent(""))
	cfg.ScopeTexts = map[string]string{"notes.write": "Write notes <for> you"}
	page := newBrowser(t, newUIWith(t, cfg)).get("/consent?consent_challenge=c").shows(http.StatusOK)
	for selector, want := range map[string]string{
		"label[for=scope-1] .what": "See which groups you are in", "label[for=scope-2] .what": "Write notes <for> you",
		"label[for=scope-2] code": "notes.write", ".audience .service": "https://api.notes.example",
	} {
		if got := page.Text(selector); got != want {
			t.Errorf("%s: got %q, want %q", selector, got, want)
		}
	}
}

func TestConsentForAnotherAccountBeginsAgain(t *testing.T) {
	f := engines()
	decisions := deciding(f)
	var then string
	f.logoutURL = func(_, returnTo string) (string, error) {
		then = returnTo
		return kratosURL + "/self-service/logout?token=t", nil
	}
	b := newBrowser(t, newUI(t, f))
	form := consentForm(b, "c1")
	form.Set("action", "switch")
	b.post("/consent", form).goesTo(kratosURL + "/self-service/logout?token=t")
	if want := uiURL + continuePath + "?app="; !strings.HasPrefix(then, want) || len(*decisions) > 0 {
		t.Errorf("got %q and %d decisions, want %q and none", then, len(*decisions), want)
	}
	f.whoami = signedOut
	newBrowser(t, newUI(t, f)).get("/consent?consent_challenge=c").shows(200).Missing("button[value=switch]")
}
