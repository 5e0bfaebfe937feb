package ui

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"example.com/identityd/internal/htmltest"
	"example.com/identityd/internal/identity"
)

func TestSomebodySignedInChoosesAtTheSignInPage(t *testing.T) {
	for name, tt := range map[string]struct {
		target, label, goesOn, then string
	}{
		"opened by itself":    {"/login", "Continue", uiURL + "/", uiURL + "/login"},
		"with a page of ours": {"/login?return_to=" + uiURL + "/settings", "Continue", kratosURL + "/self-service/login/browser?return_to=" + url.QueryEscape(uiURL+"/settings"), uiURL + "/login?return_to=" + url.QueryEscape(uiURL+"/settings")},
		"with an application": {"/login?return_to=https://app.example/x", "Continue to app.example", kratosURL + "/self-service/login/browser?return_to=" + url.QueryEscape("https://app.example/x"), uiURL + "/login?return_to=" + url.QueryEscape("https://app.example/x")},
		"by the back button":  {"/login?flow=x", "Continue", uiURL + "/", uiURL + "/login"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBrowser(t, newUI(t, engines()))
			b.jar["session"] = "anna"
			page := b.get(tt.target).shows(http.StatusOK)
			if got, want := page.Text("h1"), "You are signed in already"; got != want {
				t.Fatalf("got heading %q, want %q", got, want)
			}
			if got := page.Text(".lead"); !strings.Contains(got, "anna@example.com") {
				t.Errorf("got %q, want the account in it", got)
			}
			if got := page.Text("a.primary"); got != tt.label {
				t.Errorf("got %q, want %q", got, tt.label)
			}
			if got := page.Attr("a.primary", "href"); got != tt.goesOn {
				t.Errorf("goes on to %q, want %q", got, tt.goesOn)
			}
			form := page.Form("main form")
			if got := form.Fields.Get("then"); got != tt.then {
				t.Errorf("another account signs in at %q, want %q", got, tt.then)
			}
			b.post(form.Action, form.Fields).goesTo(kratosURL + "/self-service/logout?token=t")
		})
	}
}

func TestTheSignInPageAsksNobodyWhoHasToProveSomething(t *testing.T) {
	for name, target := range map[string]string{
		"again": "/login?refresh=true", "a second step": "/login?aal=aal2",
	} {
		t.Run(name, func(t *testing.T) {
			b := newBrowser(t, newUI(t, engines()))
			b.jar["session"] = "anna"
			a := b.get(target)
			if to := a.header.Get("Location"); !strings.HasPrefix(to, kratosURL+"/self-service/login/browser?") {
				t.Errorf("got %d to %q, want a new flow", a.status, to)
			}
		})
	}
	f := engines()
	f.flow = func(kind identity.FlowKind, _, _ string) (*identity.Flow, error) {
		flow := passwordFlow(kind)
		flow.Refresh = true
		return flow, nil
	}
	b := newBrowser(t, newUI(t, f))
	b.jar["session"] = "anna"
	b.get("/login?flow=x").shows(http.StatusOK).One("input[name=password]")
}

func TestAnotherAccountIsUsedOnlyBySomebodyWhoAskedHere(t *testing.T) {
	b := newBrowser(t, newUI(t, engines()))
	b.jar["session"] = "anna"
	form := b.get("/login").page().Form("main form")
	changed := url.Values{"csrf_token": form.Fields["csrf_token"], "then": {uiURL + "/login?return_to=https://x.example"}}
	b.post("/account/switch", changed).shows(http.StatusForbidden)
	b.post("/account/switch", url.Values{"then": form.Fields["then"]}).shows(http.StatusForbidden)

	// The session may have ended elsewhere meanwhile.
	f := engines()
	f.logoutURL = func(string, string) (string, error) { return "", &identity.Error{Code: identity.NoSession} }
	other := newBrowser(t, newUI(t, f))
	other.jar["session"] = "anna"
	form = other.get("/login").page().Form("main form")
	other.post(form.Action, form.Fields).goesTo(uiURL + "/login")
}

func TestAHostileNameStaysTextWhereAccountsAreChosen(t *testing.T) {
	f := engines()
	f.whoami = func(string) (*identity.Session, error) {
		return &identity.Session{Identity: identity.Identity{
			ID: "x", Traits: map[string]any{"username": `<img src=x onerror=alert(1)>` + "\u202e" + "😀"},
		}}, nil
	}
	b := newBrowser(t, newUI(t, f))
	b.jar["session"] = "x"
	page := b.get("/login").shows(http.StatusOK)
	page.Missing("main img")
	if got := htmltest.Text(page.One(".lead bdi")); got != "<img src=x onerror=alert(1)>😀" {
		t.Errorf("got %q", got)
	}
}
