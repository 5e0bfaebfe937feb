package ui

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"example.com/identityd/internal/identity"
)

func TestACodeThatIsOpenedElsewhereSaysSo(t *testing.T) {
	b := newBrowser(t, newUI(t, failingFlow(&identity.Error{Code: identity.Forbidden})))
	page := b.get("/recovery?flow=f&code=123456").shows(http.StatusForbidden)
	if got, want := page.Text("h1"), "This was opened in another browser"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := page.Text("dd"), "123456"; got != want {
		t.Errorf("got code %q, want %q", got, want)
	}
	if got, want := page.Attr("a.primary", "href"), uiURL+"/recovery"; got != want {
		t.Errorf("a new one is at %q, want %q", got, want)
	}
}

func TestWhatWasTypedIsFilledInOnce(t *testing.T) {
	f := recorded(t)["registration"]
	engines := engines()
	engines.flow = func(identity.FlowKind, string, string) (*identity.Flow, error) { return f, nil }
	b := newBrowser(t, newUI(t, engines))
	b.jar[typedCookie] = base64.RawURLEncoding.EncodeToString([]byte(
		`{"traits.email":"anna@example.com","traits.name":"<b>","password":"hunter2","csrf_token":"x"}`))
	page := b.get("/registration?flow=x").shows(http.StatusOK)
	for field, want := range map[string]string{"traits.email": "anna@example.com", "traits.name": "<b>", "password": ""} {
		if got := page.Attr(`input[name="`+field+`"]`, "value"); got != want {
			t.Errorf("%s: got %q, want %q", field, got, want)
		}
	}
	if _, left := b.jar[typedCookie]; left {
		t.Error("what was typed is kept after it was shown")
	}
	b.jar[typedCookie] = "damaged"
	b.get("/registration?flow=x").shows(http.StatusOK)
}

func TestAPageThatWasStartedAgainSaysSo(t *testing.T) {
	b := newBrowser(t, newUI(t, engines()))
	b.jar[restartCookie] = "1"
	page := b.get("/registration?flow=x").shows(http.StatusOK)
	if got, want := page.Text("[role=status]"), "The earlier page could not be used any more, so this is a new one."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	b.get("/registration?flow=x").shows(http.StatusOK).Missing("[role=status]")
}

func TestLinkingAnAccountCanBeCanceled(t *testing.T) {
	f := recorded(t)["login"]
	f.UI.Messages = []identity.Message{{ID: messageLink, Type: "info", Text: "linked", Context: map[string]any{
		"provider": "Google", "duplicateIdentifier": "anna@example.com",
	}}}
	page := show(t, "login", f, nil)
	if got, want := page.Text("h1"), "You already have an account"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := page.Attr(".switch a", "href"), uiURL+"/login"; got != want {
		t.Errorf("got the way out %q, want %q", got, want)
	}
	page.Missing(`.switch a[href*="registration"]`)
}

func TestEveryFailureThatKratosNamesHasAWayOn(t *testing.T) {
	for kind, want := range map[string]struct {
		status int
		title  string
		way    string
	}{
		"security_csrf_violation":               {403, "We stopped this to be safe", "/"},
		"security_identity_mismatch":            {403, "We stopped this to be safe", "/"},
		"session_already_available":             {400, "You are signed in already", "/"},
		"session_aal_already_fulfilled":         {401, "You are signed in already", "/"},
		"session_aal1_required":                 {401, "You are not signed in", "/login"},
		"session_inactive":                      {401, "You are not signed in", "/login"},
		"session_aal2_required":                 {403, "A second step is needed", "/login?aal=aal2"},
		"session_refresh_required":              {403, "Confirm it is you", "/login?refresh=true"},
		"session_verified_address_required":     {400, "Verify your address", "/verification"},
		"self_service_flow_expired":             {410, "This page has expired", "/"},
		"self_service_flow_replaced":            {410, "This page has expired", "/"},
		"self_service_flow_disabled":            {400, "This is not offered here", "/"},
		"identityd_account_disabled":            {401, "This account is disabled", "/"},
		"self_service_flow_return_to_forbidden": {400, "We stopped this to be safe", "/"},
	} {
		t.Run(kind, func(t *testing.T) {
			f := engines()
			f.flowError = func(string) (*identity.FlowError, error) {
				return &identity.FlowError{Kind: kind, Status: want.status, Reason: "For developers."}, nil
			}
			page := newBrowser(t, newUI(t, f)).get("/error?id=e").shows(want.status)
			if got := page.Text("h1"); got != want.title {
				t.Errorf("got %q, want %q", got, want.title)
			}
			if got := page.Attr("a.primary", "href"); got != want.way {
				t.Errorf("goes on to %q, want %q", got, want.way)
			}
			if got := page.Text(".foot"); !strings.Contains(got, "req-42") {
				t.Errorf("got %q, want the id of the request in it", got)
			}
		})
	}
}
