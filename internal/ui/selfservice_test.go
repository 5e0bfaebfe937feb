package ui

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/identity"
)

func says(id int64, kind, text string) identity.Message {
	return identity.Message{ID: id, Type: kind, Text: text}
}

// sent is a flow of the code method after the mail went out, as Kratos 1.3 sends it.
func sent(kind identity.FlowKind) *fake {
	f := engines()
	f.flow = func(identity.FlowKind, string, string) (*identity.Flow, error) {
		again := labeled(input("code", "email", "submit", "anna@example.com"), "Resend code")
		again.Meta.Label.ID = 1070008
		code := required(labeled(input("code", "code", "text", nil), "Code"))
		code.Attributes.Pattern, code.Attributes.MaxLength = "[0-9]+", 6
		flow := flowOf(
			token(), code, input("code", "method", "hidden", "code"),
			labeled(input("code", "method", "submit", "code"), "Continue"), again,
		)
		flow.ID, flow.State, flow.ExpiresAt = "f-1", stateSent, time.Now().Add(time.Minute)
		flow.UI.Action = kratosURL + "/self-service/" + string(kind) + "?flow=f-1"
		flow.UI.Messages = []identity.Message{says(1060003, "info", "An email")}
		return flow, nil
	}
	return f
}

// changed lets a test change what the flow of a fake is.
func changed(f *fake, change func(*identity.Flow)) *fake {
	before := f.flow
	f.flow = func(kind identity.FlowKind, id, cookie string) (*identity.Flow, error) {
		flow, err := before(kind, id, cookie)
		if flow != nil {
			change(flow)
		}
		return flow, err
	}
	return f
}

func TestStartingTheOtherFlows(t *testing.T) {
	waiting := url.QueryEscape(uiURL + "/login?login_challenge=c")
	for target, want := range map[string]string{
		"/recovery":                           "/self-service/recovery/browser",
		"/verification?aal=aal2&refresh=true": "/self-service/verification/browser",
		"/settings?return_to=/x":              "/self-service/settings/browser?return_to=%2Fx",
		// They know no challenge: it waits in the return address instead.
		"/recovery?login_challenge=c":     "/self-service/recovery/browser?return_to=" + waiting,
		"/verification?login_challenge=c": "/self-service/verification/browser?return_to=" + waiting,
	} {
		newBrowser(t, newUI(t, engines())).get(target).goesTo(kratosURL + want)
	}
	newBrowser(t, newUI(t, engines())).get("/recovery?login_challenge=a%20b").shows(400)
}

func TestACodeWasSent(t *testing.T) {
	for _, kind := range []identity.FlowKind{identity.Recovery, identity.Verification} {
		t.Run(string(kind), func(t *testing.T) {
			b := newBrowser(t, newUI(t, sent(kind)))
			page := b.get("/" + string(kind) + "?flow=f-1").shows(http.StatusOK)
			for selector, want := range map[string]string{
				"h1": "Check your mail", ".lead": "Enter the code that we sent to anna@example.com.",
				".dev a": "Open the inbox", ".again button": "Send a new code",
			} {
				if got := page.Text(selector); got != want {
					t.Errorf("%s: got %q, want %q", selector, got, want)
				}
			}
			main, again := page.Form("form:not(.again)"), page.Form(".again")
			want := url.Values{"csrf_token": {"kratos-token"}, "method": {"code"}, "code": {""}}
			if diff := cmp.Diff(want, main.Fields); diff != "" {
				t.Errorf("the form for the code:\n%s", diff)
			}
			// Beside a code, Kratos would try the code instead of sending another.
			want = url.Values{"csrf_token": {"kratos-token"}, "method": {"code"}}
			if diff := cmp.Diff(want, again.Fields); diff != "" {
				t.Errorf("the form to send it again:\n%s", diff)
			}
			if got, want := page.Attr(".again button", "value"), "anna@example.com"; got != want {
				t.Errorf("again: got %q, want %q", got, want)
			}
			page.Attr(".again button", "formnovalidate")
			if got, want := b.jar[waitingCookie], string(kind)+":f-1"; got != want {
				t.Errorf("waiting: got %q, want %q", got, want)
			}
		})
	}
}

func TestACodeOfTheAddressIsFilledInAndNothingElse(t *testing.T) {
	u := newUI(t, sent(identity.Recovery))
	for code, want := range map[string]string{
		"123456": "123456", "AbC1234567": "AbC1234567", "12345": "", "12345678901": "", "12 456": "",
		`"><b>12`: "", "١٢٣٤٥٦": "", "abc_123": "", "": "",
	} {
		page := newBrowser(t, u).get("/recovery?flow=f-1&code=" + url.QueryEscape(code)).shows(200)
		if got := page.Attr("#f-code", "value"); got != want {
			t.Errorf("code %q: got %q, want %q", code, got, want)
		}
	}
	newBrowser(t, newUI(t, engines())).get("/login?flow=x&code=123456").shows(200).
		Missing(`input[value="123456"]`)
}

func TestTheWaitingCookieIsShortLivedAndBoundToTheHost(t *testing.T) {
	cfg := config(changed(sent(identity.Recovery), func(f *identity.Flow) {
		f.ExpiresAt = time.Now().Add(24 * time.Hour)
	}))
	cfg.URLs.UI = "https://id.test"
	got := newBrowser(t, newUIWith(t, cfg)).get("/recovery?flow=f-1").header.Get("Set-Cookie")
	for _, want := range []string{
		"__Host-identityd_ui_waiting=recovery:f-1;", "Path=/;", "Max-Age=3600", "HttpOnly", "Secure",
		"SameSite=Lax",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("cookie %q lacks %s", got, want)
		}
	}
	f := changed(sent(identity.Recovery), func(f *identity.Flow) { f.ExpiresAt = time.Now() })
	b := newBrowser(t, newUI(t, f))
	b.get("/recovery?flow=f-1").shows(http.StatusOK)
	if value, ok := b.jar[waitingCookie]; ok {
		t.Errorf("a flow that has expired is remembered: %q", value)
	}
}

// passed is a verification that is done: its action is where the person came from.
func passed(href string) *fake {
	return changed(sent(identity.Verification), func(f *identity.Flow) {
		f.State = statePassed
		f.UI = identity.Container{
			Action: href, Method: "GET",
			Nodes: []identity.Node{{
				Type: "a", Group: "code", Attributes: identity.Attributes{ID: "continue", Href: href},
				Meta: identity.Meta{Label: &identity.Message{ID: 1070009, Text: "Continue"}},
			}, token()},
			Messages: []identity.Message{says(1080002, "success", "You verified your address.")},
		}
	})
}

func TestAVerificationThatIsDoneLeadsOn(t *testing.T) {
	for name, tt := range map[string]struct{ href, want string }{
		"to where the person came from": {"https://app.example/x", "https://app.example/x"},
		"not to a script":               {"javascript:alert(1)", uiURL + "/"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBrowser(t, newUI(t, passed(tt.href)))
			b.jar[waitingCookie] = "verification:f-1"
			page := b.get("/verification?flow=f-1&code=123456").shows(http.StatusOK)
			if got := page.Attr("a.button", "href"); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			page.One(".notice.success")
			page.Missing("form, [role=alert], .switch")
			if _, ok := b.jar[waitingCookie]; ok {
				t.Error("the flow still waits")
			}
		})
	}
	t.Run("and another flow goes on waiting", func(t *testing.T) {
		b := newBrowser(t, newUI(t, passed(uiURL)))
		b.jar[waitingCookie] = "verification:f-2"
		b.get("/verification?flow=f-1").shows(http.StatusOK)
		if got, want := b.jar[waitingCookie], "verification:f-2"; got != want {
			t.Errorf("waiting: got %q, want %q", got, want)
		}
	})
}

func TestARecoveryThatIsDoneOffersANewPassword(t *testing.T) {
	f := changed(sent(identity.Recovery), func(f *identity.Flow) { f.State = statePassed })
	page := newBrowser(t, newUI(t, f)).get("/recovery?flow=f-1").shows(http.StatusOK)
	if got, want := page.Attr("a.button", "href"), uiURL+"/settings"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	page.Missing("form")
}

func TestARecoveryByLinkKeepsItsForm(t *testing.T) {
	f := engines()
	f.flow = func(identity.FlowKind, string, string) (*identity.Flow, error) {
		flow := flowOf(
			token(), required(labeled(input("link", "email", "email", "anna@example.com"), "Email")),
			labeled(input("link", "method", "submit", "link"), "Continue"),
		)
		flow.State = stateSent
		return flow, nil
	}
	page := newBrowser(t, newUI(t, f)).get("/recovery?flow=x").shows(http.StatusOK)
	if got, want := page.Text(".lead"), "Open the link in the mail that we sent. This page can be closed."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	want := url.Values{"csrf_token": {"kratos-token"}, "email": {"anna@example.com"}}
	if diff := cmp.Diff(want, page.Form("form").Fields); diff != "" {
		t.Error(diff)
	}
}

// signUp is the first and the second page of a sign-up in two steps.
func signUp(second bool) *fake {
	return changed(engines(), func(f *identity.Flow) {
		if !second {
			next := labeled(input("profile", "method", "submit", "profile"), "Sign up")
			next.Meta.Label.ID = 1040001
			*f = *flowOf(token(), required(input("default", "traits.email", "email", nil)), next)
			return
		}
		*f = *flowOf(
			token(), input("default", "traits.email", "hidden", "anna@example.com"),
			labeled(input("profile", "screen", "submit", "previous"), "Back"),
			required(input("password", "password", "password", nil)),
			labeled(input("password", "method", "submit", "password"), "Sign up"),
		)
	})
}

func TestASignUpInTwoSteps(t *testing.T) {
	page := newBrowser(t, newUI(t, signUp(false))).get("/registration?flow=x").shows(http.StatusOK)
	if got, want := page.Text("button"), "Continue"; got != want {
		t.Errorf("first step: got %q, want %q", got, want)
	}
	page = newBrowser(t, newUI(t, signUp(true))).get("/registration?flow=x").shows(http.StatusOK)
	if got, want := page.Text("button.primary"), "Sign up"; got != want {
		t.Errorf("second step: got %q, want %q", got, want)
	}
	if got, want := page.Text(".again button"), "Back"; got != want {
		t.Errorf("way back: got %q, want %q", got, want)
	}
	want := url.Values{"csrf_token": {"kratos-token"}, "traits.email": {"anna@example.com"}}
	if diff := cmp.Diff(want, page.Form(".again").Fields); diff != "" {
		t.Error(diff)
	}
	page.Missing(".or")
}
