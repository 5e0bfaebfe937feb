package ui

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"example.com/identityd/internal/identity"
)

// unverified is a sign-in that was refused because of the address.
func unverified(typed string) *fake {
	return changed(engines(), func(f *identity.Flow) {
		f.LoginChallenge, f.ReturnTo = "challenge-1", "https://app.example/"
		f.UI.Nodes[0].Attributes.Value = typed
		f.UI.Messages = []identity.Message{says(addressNotVerified, "error", "Account not active yet.")}
	})
}

func TestASignInThatNeedsAVerifiedAddressLeadsThereAndBack(t *testing.T) {
	b := newBrowser(t, newUI(t, unverified("anna@example.com")))
	page := b.get("/login?flow=x").shows(http.StatusOK)
	if got := page.Text("[role=alert]"); !strings.Contains(got, "not verified yet") {
		t.Errorf("alert: got %q", got)
	}
	back := uiURL + "/login?login_challenge=challenge-1&return_to=" + url.QueryEscape("https://app.example/")
	to := uiURL + "/verification?return_to=" + url.QueryEscape(back)
	if got := page.Attr("main > a.button", "href"); got != to {
		t.Errorf("link: got %q, want %q", got, to)
	}
	b.get(to).goesTo(kratosURL + "/self-service/verification/browser?return_to=" + url.QueryEscape(back))

	// The verification that starts knows the address, and the way back to the sign-in.
	b.ui = newUI(t, changed(engines(), func(f *identity.Flow) {
		*f = *flowOf(
			token(), required(input("code", "email", "email", nil)),
			input("code", "method", "submit", "code"),
		)
		f.ReturnTo = back
	}))
	page = b.get("/verification?flow=x").shows(http.StatusOK)
	if got, want := page.Attr("#f-email", "value"), "anna@example.com"; got != want {
		t.Errorf("address: got %q, want %q", got, want)
	}
	if got := page.Attr(".switch a", "href"); got != back {
		t.Errorf("way back: got %q, want %q", got, back)
	}
}

func TestOnlyAnAddressIsRemembered(t *testing.T) {
	for typed, want := range map[string]bool{
		"anna@example.com": true, "anna": false, "": false, "Anna <anna@example.com>": false,
		strings.Repeat("a", 250) + "@example.com": false, "a@b\r\nX: y": false,
	} {
		b := newBrowser(t, newUI(t, unverified(typed)))
		b.get("/login?flow=x").shows(http.StatusOK)
		if _, got := b.jar[addressCookie]; got != want {
			t.Errorf("%q: got %v, want %v", typed, got, want)
		}
	}
	cfg := config(unverified("anna@example.com"))
	cfg.Verification = false
	b := newBrowser(t, newUIWith(t, cfg))
	b.get("/login?flow=x").shows(http.StatusOK).Missing("main > a.button")
	if _, ok := b.jar[addressCookie]; ok {
		t.Error("the address is remembered for nothing")
	}
	b = newBrowser(t, newUI(t, engines()))
	for _, planted := range []string{"!", "PHNjcmlwdD4", ""} {
		b.jar[addressCookie] = planted
		b.get("/verification?flow=x").shows(http.StatusOK).Missing(`script:not([src^="/assets/"])`)
	}
}

func TestForgottenPasswordsLeadBackToTheSignIn(t *testing.T) {
	back := func(query string) string { return url.QueryEscape(uiURL + "/login?" + query) }
	for name, tt := range map[string]struct {
		change func(*identity.Flow)
		want   string
	}{
		"plainly": {func(*identity.Flow) {}, "/recovery"},
		"with a return address": {
			func(f *identity.Flow) { f.ReturnTo = "https://app.example/" },
			"/recovery?return_to=" + url.QueryEscape("https://app.example/"),
		},
		"with the application that waits": {
			func(f *identity.Flow) { f.LoginChallenge = "c" },
			"/recovery?return_to=" + back("login_challenge=c"),
		},
		"but not when signed in": {func(f *identity.Flow) { f.Refresh = true }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			page := newBrowser(t, newUI(t, changed(engines(), tt.change))).get("/login?flow=x").shows(200)
			if tt.want == "" {
				page.Missing(".links a")
				return
			}
			if got := page.Attr(".links a", "href"); got != uiURL+tt.want {
				t.Errorf("got %q, want %q", got, uiURL+tt.want)
			}
		})
	}
	cfg := config(engines())
	cfg.Recovery = false
	newBrowser(t, newUIWith(t, cfg)).get("/login?flow=x").shows(200).Missing(`[href*="recovery"]`)
}

func TestAVerificationAfterASignUpKeepsTheApplication(t *testing.T) {
	f := changed(sent(identity.Verification), func(f *identity.Flow) {
		f.RequestURL = kratosURL + "/self-service/registration/browser?login_challenge=c"
		f.UI.Nodes = f.UI.Nodes[:len(f.UI.Nodes)-1] // Kratos offers no button to send it again
	})
	got := newBrowser(t, newUI(t, f)).get("/verification?flow=f-1")
	page := got.shows(http.StatusOK)
	want := uiURL + "/verification?return_to=" + url.QueryEscape(uiURL+"/login?login_challenge=c")
	if got := page.Attr(".switch a", "href"); got != want {
		t.Errorf("again: got %q, want %q", got, want)
	}
	// The right code goes straight on to the application.
	if csp := got.header.Get("Content-Security-Policy"); strings.Contains(csp, "form-action") {
		t.Errorf("the redirect to the application is forbidden by %q", csp)
	}
}

func TestWhatIsNotOfferedIsRefusedKindlyAndLinkedNowhere(t *testing.T) {
	cfg := config(engines())
	cfg.Registration, cfg.Recovery, cfg.Verification, cfg.Settings = false, false, false, false
	u := newUIWith(t, cfg)
	for _, kind := range []string{"registration", "recovery", "verification", "settings"} {
		for _, target := range []string{"/" + kind, "/" + kind + "?flow=x", "/" + kind + "?restart=1"} {
			newBrowser(t, u).get(target).shows(http.StatusForbidden).Missing("form, details")
		}
	}
	page := newBrowser(t, u).get("/registration?login_challenge=c").shows(http.StatusForbidden)
	if got, want := page.Text("h1"), "Sign-up is closed"; got != want {
		t.Errorf("heading: got %q, want %q", got, want)
	}
	if got, want := page.Attr("a.button", "href"), uiURL+"/login?login_challenge=c"; got != want {
		t.Errorf("way out: got %q, want %q", got, want)
	}
	everyPage(t, u, func(t *testing.T, _ string, a answer) {
		a.page().Missing(`[href*="/registration"], [href*="/recovery"], [href*="/verification"], [href*="/settings"]`)
	})
}
