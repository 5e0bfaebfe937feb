package ui

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/identity"
)

func TestStartingAFlowPassesOnWhatKratosMayKnowAndNothingElse(t *testing.T) {
	long := strings.Repeat("a", maxChallenge+1)
	for name, tt := range map[string]struct{ query, want string }{
		"nothing":                {"/login", "/self-service/login/browser"},
		"a registration":         {"/registration", "/self-service/registration/browser"},
		"a challenge":            {"/login?login_challenge=a-b_c.d%3D", "/self-service/login/browser?login_challenge=a-b_c.d%3D"},
		"an empty challenge":     {"/login?login_challenge=", "/self-service/login/browser"},
		"a return address":       {"/login?return_to=https://a.example/x%3Fy", "/self-service/login/browser?return_to=https%3A%2F%2Fa.example%2Fx%3Fy"},
		"a refresh":              {"/login?refresh=true&aal=aal2&via=email", "/self-service/login/browser?aal=aal2&refresh=true&via=email"},
		"a foreign parameter":    {"/login?evil=1&aal=aal9&refresh=maybe", "/self-service/login/browser"},
		"a script to return to":  {"/login?return_to=javascript:alert(1)", "/self-service/login/browser"},
		"a scheme-less host":     {"/login?return_to=//evil.example", "/self-service/login/browser"},
		"three slashes":          {"/login?return_to=///evil.example", "/self-service/login/browser"},
		"a name in the address":  {"/login?return_to=https://a@evil.example", "/self-service/login/browser"},
		"a path to return to":    {"/login?return_to=/account/", "/self-service/login/browser?return_to=%2Faccount%2F"},
		"a backslash host":       {`/login?return_to=/\evil.example`, "/self-service/login/browser"},
		"a line break in via":    {"/login?via=a%0d%0ab", "/self-service/login/browser"},
		"a line break in return": {"/login?return_to=/a%0d%0aSet-Cookie:x", "/self-service/login/browser"},
	} {
		t.Run(name, func(t *testing.T) {
			f := engines()
			f.whoami = signedOut
			newBrowser(t, newUI(t, f)).get(tt.query).goesTo(kratosURL + tt.want)
		})
	}
	for name, challenge := range map[string]string{"damaged": "a%20b", "endless": long} {
		t.Run("a challenge that is "+name+" is refused, not dropped", func(t *testing.T) {
			newBrowser(t, newUI(t, engines())).get("/login?login_challenge=" + challenge).shows(400)
		})
	}
}

func TestLoginPage(t *testing.T) {
	f := engines()
	var gotKind identity.FlowKind
	var gotID, gotCookie string
	f.flow = func(kind identity.FlowKind, id, cookie string) (*identity.Flow, error) {
		gotKind, gotID, gotCookie = kind, id, cookie
		flow := passwordFlow(kind)
		flow.LoginRequest = &identity.LoginRequest{
			Challenge: "challenge-1", Client: identity.Client{ID: "app", Name: "Notes"},
		}
		flow.ReturnTo = "https://notes.example/"
		return flow, nil
	}
	f.whoami = signedOut
	b := newBrowser(t, newUI(t, f))
	b.jar["csrf_token_x"] = "y"
	page := b.get("/login?flow=flow-1").shows(http.StatusOK)
	got := []string{string(gotKind), gotID, gotCookie}
	if diff := cmp.Diff([]string{"login", "flow-1", "csrf_token_x=y"}, got); diff != "" {
		t.Error(diff)
	}
	form := page.Form("form")
	want := url.Values{"csrf_token": {"kratos-token"}, "identifier": {""}, "password": {""}, "keep_offered": {"1"}}
	if diff := cmp.Diff(want, form.Fields); diff != "" {
		t.Error(diff)
	}
	if want := kratosURL + "/self-service/login?flow=f"; form.Action != want || form.Method != "post" {
		t.Errorf("form: got %s %q, want post %q", form.Method, form.Action, want)
	}
	for selector, want := range map[string]string{
		"h1": "Sign in", ".lead": "to continue to Notes", "title": "Sign in · Example",
		`label[for="f-identifier"]`: "E-Mail", `label[for="f-password"]`: "Password",
		`button[name="method"][value="password"]`: "Sign in", ".switch a": "Create an account",
	} {
		if got := page.Text(selector); got != want {
			t.Errorf("%s: got %q, want %q", selector, got, want)
		}
	}
	link := uiURL + "/registration?login_challenge=challenge-1&return_to=https%3A%2F%2Fnotes.example%2F"
	if got := page.Attr(".switch a", "href"); got != link {
		t.Errorf("link: got %q, want %q", got, link)
	}
	if got := page.Attr("#f-password", "autocomplete"); got != "current-password" {
		t.Errorf("autocomplete: got %q", got)
	}
	page.Missing("[role=alert]")
	page.Missing(`[href*="settings"], [href*="verification"], [href*="inbox"]`)
}

func TestErrorsAreTiedToTheirFields(t *testing.T) {
	f := engines()
	f.flow = func(kind identity.FlowKind, _, _ string) (*identity.Flow, error) {
		flow := flowOf(
			token(),
			labeled(input("password", "traits.name", "text", "Anna"), "Name"),
			failing(labeled(input("password", "traits.email", "email", "a@b"), "E-Mail"), "too short"),
			input("password", "method", "submit", "password"),
		)
		flow.UI.Messages = []identity.Message{
			{ID: 1, Type: "error", Text: "Look again."}, {ID: 2, Type: "info", Text: "By the way."},
		}
		return flow, nil
	}
	page := newBrowser(t, newUI(t, f)).get("/registration?flow=x").shows(http.StatusOK)
	for selector, want := range map[string]string{
		"[role=alert] p:first-child": "Look again.",
		`[role=alert] a`:             "E-Mail: too short",
		"#f-traits-email-error":      "too short",
		"[role=status]":              "By the way.",
	} {
		if got := page.Text(selector); got != want {
			t.Errorf("%s: got %q, want %q", selector, got, want)
		}
	}
	for attr, want := range map[string]string{
		"aria-describedby": "alert f-traits-email-error", "aria-invalid": "true", "value": "a@b",
	} {
		if got := page.Attr("#f-traits-email", attr); got != want {
			t.Errorf("%s: got %q, want %q", attr, got, want)
		}
	}
	if got, want := page.Attr("[autofocus]", "id"), "f-traits-email"; got != want {
		t.Errorf("focus: got %q, want %q", got, want)
	}
	if got, want := page.Attr("[role=alert] a", "href"), "#f-traits-email"; got != want {
		t.Errorf("link: got %q, want %q", got, want)
	}
}

func TestWrongPasswordPutsTheCursorIntoThePassword(t *testing.T) {
	f := engines()
	f.flow = func(kind identity.FlowKind, _, _ string) (*identity.Flow, error) {
		flow := passwordFlow(kind)
		flow.UI.Nodes[0].Attributes.Value = "anna@example.com"
		flow.UI.Messages = []identity.Message{{ID: 4000006, Type: "error", Text: "x"}}
		return flow, nil
	}
	page := newBrowser(t, newUI(t, f)).get("/login?flow=x").shows(http.StatusOK)
	if got, want := page.Attr("[autofocus]", "id"), "f-password"; got != want {
		t.Errorf("focus: got %q, want %q", got, want)
	}
}

func TestAKnownIdentifierIsShownAndNotAskedFor(t *testing.T) {
	f := engines()
	refresh := true
	f.flow = func(identity.FlowKind, string, string) (*identity.Flow, error) {
		flow := flowOf(
			token(), input("default", "identifier", "hidden", "anna@example.com"),
			input("password", "password", "password", nil),
			input("password", "method", "submit", "password"),
		)
		flow.Refresh = refresh
		return flow, nil
	}
	page := newBrowser(t, newUI(t, f)).get("/login?flow=x").shows(http.StatusOK)
	if got, want := page.Text(".account"), "Signed in as anna@example.com"; got != want {
		t.Errorf("account: got %q, want %q", got, want)
	}
	if got, want := page.Text("h1"), "Confirm it is you"; got != want {
		t.Errorf("heading: got %q, want %q", got, want)
	}
	if got, want := page.Form("#f-form").Fields.Get("identifier"), "anna@example.com"; got != want {
		t.Errorf("field: got %q, want %q", got, want)
	}
	page.Missing(".switch")
	refresh = false
	page = newBrowser(t, newUI(t, f)).get("/login?flow=x").shows(http.StatusOK)
	if got, want := page.Text(".account"), "Signing in as anna@example.com"; got != want {
		t.Errorf("account: got %q, want %q", got, want)
	}
	page.One(".switch")
}

func TestAFormThatWouldPostElsewhereIsNotShown(t *testing.T) {
	for name, action := range map[string]string{
		"another host":   "https://evil.example/self-service/login",
		"another port":   "http://id.test:4434/self-service/login",
		"another scheme": "https://id.test:4433/self-service/login",
		"no host":        "/self-service/login", "a script": "javascript:alert(1)",
	} {
		t.Run(name, func(t *testing.T) {
			f := engines()
			f.flow = func(kind identity.FlowKind, _, _ string) (*identity.Flow, error) {
				flow := passwordFlow(kind)
				flow.UI.Action = action
				return flow, nil
			}
			page := newBrowser(t, newUI(t, f)).get("/login?flow=x").shows(http.StatusInternalServerError)
			page.Missing("form")
		})
	}
}
