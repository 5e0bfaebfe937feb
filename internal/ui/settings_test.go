package ui

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/htmltest"
	"example.com/identityd/internal/identity"
)

// settingsFlow is what Kratos sends with most of its methods switched on.
func settingsFlow() *identity.Flow {
	scripted := input("webauthn", "webauthn_register_trigger", "button", "")
	scripted.Attributes.OnClickTrigger = "oryWebAuthnRegistration"
	f := flowOf(
		input("totp", "totp_code", "text", nil), input("totp", "method", "submit", "totp"),
		input("webauthn", "webauthn_register_displayname", "text", ""), scripted,
		labeled(input("lookup_secret", "lookup_secret_disable", "submit", "true"), "Disable"),
		required(labeled(input("password", "password", "password", nil), "Password")),
		labeled(input("password", "method", "submit", "password"), "Save"),
		required(labeled(input("profile", "traits.email", "email", "anna@example.com"), "E-Mail")),
		labeled(input("profile", "method", "submit", "profile"), "Save"),
		token(), input("new_one", "method", "submit", "new_one"),
	)
	f.State = "show_form"
	f.UI.Action = kratosURL + "/self-service/settings?flow=f"
	return f
}

func settings(change func(*identity.Flow)) *fake {
	f := engines()
	f.flow = func(identity.FlowKind, string, string) (*identity.Flow, error) {
		return settingsFlow(), nil
	}
	return changed(f, change)
}

func TestSettingsHasOneSectionPerMethod(t *testing.T) {
	page := newBrowser(t, newUI(t, settings(func(f *identity.Flow) {
		f.UI.Messages = []identity.Message{says(1050001, "success", "Your changes have been saved!")}
	}))).get("/settings?flow=f").shows(http.StatusOK)
	var got []string
	for _, n := range page.All("section") {
		id, _ := htmltest.Attr(n, "aria-labelledby")
		form, _ := htmltest.Attr(page.One(`section[aria-labelledby="`+id+`"] form`), "id")
		var fields []string
		for name := range page.Form("#" + form).Fields {
			fields = append(fields, name)
		}
		if page.Form("#"+form).Fields.Get("csrf_token") != "kratos-token" {
			t.Errorf("section %s has no token", id)
		}
		primary := "quiet"
		if len(page.All("#"+form+" .primary")) == 1 {
			primary = "primary"
		}
		got = append(got, page.Text("#"+id)+", "+primary+", "+plural(len(fields)))
	}
	want := []string{
		"Profile, primary, 2 fields", "Password, primary, 2 fields", "Recovery codes, quiet, 1 field",
		"Security keys, quiet, 2 fields",
		"Authenticator app, primary, 2 fields", "New one, primary, 1 field",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got, want := page.Text(".notice.success"), "Your changes have been saved."; got != want {
		t.Errorf("notice: got %q, want %q", got, want)
	}
	if got := page.Attr(`.nav a[aria-current="page"]`, "href"); got == "" {
		t.Error("the navigation of the account does not say that this is a page of it")
	}
	if got, want := page.Text(`label[for="f-password"]`), "New password"; got != want {
		t.Errorf("password: got %q, want %q", got, want)
	}
	page.Missing(".or")
}

func plural(n int) string {
	if n == 1 {
		return "1 field"
	}
	return strconv.Itoa(n) + " fields"
}

func TestSettingsErrorsLeadToTheirSection(t *testing.T) {
	page := newBrowser(t, newUI(t, settings(func(f *identity.Flow) {
		f.UI.Nodes[5] = failing(f.UI.Nodes[5], "Too short.")
	}))).get("/settings?flow=f").shows(http.StatusOK)
	if got, want := page.Attr("[role=alert] a", "href"), "#f-password"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := page.Attr("[autofocus]", "id"), "f-password"; got != want {
		t.Errorf("focus: got %q, want %q", got, want)
	}
}

func TestSettingsThatWouldPostElsewhereAreNotShown(t *testing.T) {
	f := settings(func(f *identity.Flow) { f.UI.Action = "https://evil.example/self-service/settings" })
	newBrowser(t, newUI(t, f)).get("/settings?flow=f").shows(http.StatusInternalServerError).Missing("form")
}

func TestSettingsNeedASession(t *testing.T) {
	back := "return_to=" + url.QueryEscape(uiURL+"/settings")
	login := kratosURL + "/self-service/login/browser?"
	refresh := login + "refresh=true&return_to=x"
	for name, tt := range map[string]struct {
		err  *identity.Error
		want string
	}{
		"nobody is signed in":        {&identity.Error{Code: identity.NoSession}, login + back},
		"a second factor is missing": {&identity.Error{Code: identity.AALRequired}, login + "aal=aal2&" + back},
		"the second factor's place": {
			&identity.Error{Code: identity.AALRequired, RedirectTo: kratosURL + "/x"}, kratosURL + "/x",
		},
		"the sign-in is too old": {&identity.Error{Code: identity.Forbidden, RedirectTo: refresh}, refresh},
		"a stranger's place": {
			&identity.Error{Code: identity.Forbidden, RedirectTo: "https://evil.example/"},
			kratosURL + "/self-service/settings/browser",
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBrowser(t, newUI(t, failingFlow(tt.err)))
			b.jar["some"] = "cookie"
			b.get("/settings?flow=f").goesTo(tt.want)
		})
	}
}

func TestRedirectsAfterSettingsMayLeaveOnlyWhereTheyHaveTo(t *testing.T) {
	for name, tt := range map[string]struct {
		returnTo string
		stays    bool
	}{
		"no return address": {"", true},
		"home":              {uiURL + "/", true},
		"a sign-in that an application waits for": {uiURL + "/login?login_challenge=c", false},
		"a sign-in that goes on elsewhere":        {uiURL + "/login?return_to=https://app.example", false},
		"an application":                          {"https://app.example/", false},
	} {
		t.Run(name, func(t *testing.T) {
			f := settings(func(f *identity.Flow) { f.ReturnTo = tt.returnTo })
			csp := newBrowser(t, newUI(t, f)).get("/settings?flow=f").header.Get("Content-Security-Policy")
			if got := strings.Contains(csp, "form-action"); got != tt.stays {
				t.Errorf("got form-action %v, want %v in %q", got, tt.stays, csp)
			}
		})
	}
}

func TestSettingsAfterRecoveryAskForThePasswordFirst(t *testing.T) {
	flow := settingsFlow()
	first := func(f *identity.Flow) string {
		sections := renderSections(englishWords(t), f).sections
		return sections[0].Heading
	}
	if got := first(flow); got != "Profile" {
		t.Fatalf("got %s first, want Profile where nobody was recovered", got)
	}
	flow.UI.Messages = append(flow.UI.Messages, identity.Message{ID: 1060001, Type: "success", Text: "recovered"})
	if got := first(flow); got != "Password" {
		t.Errorf("got %s first, want Password", got)
	}
}
