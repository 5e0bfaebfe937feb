package ui

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"example.com/identityd/internal/identity"
)

// app is one of several applications.
func app(i int, more string) func(*identity.LoginRequest) {
	return func(r *identity.LoginRequest) {
		r.Client.ID, r.Client.Name = fmt.Sprint("app", i), fmt.Sprint("App ", i)
		r.RequestURL = fmt.Sprintf("%s/oauth2/auth?client_id=app%d&state=s%s", hydraURL, i, more)
	}
}

// onItsWay is a browser that applications sent, none of which it has reached.
func onItsWay(t *testing.T, f *fake, asks ...func(*identity.LoginRequest)) *browser {
	t.Helper()
	signedIn := f.whoami
	f.whoami = signedOut
	b := newBrowser(t, newUI(t, f))
	for i, ask := range asks {
		asking(f, ask)
		b.get(fmt.Sprint("/login?login_challenge=c", i))
	}
	f.whoami = signedIn
	return b
}

func TestTheWayOnIsShownBesideTheWay(t *testing.T) {
	f := engines()
	b := onItsWay(t, f, app(1, ""), app(2, ""))
	for _, target := range []string{accountPath, "/settings?flow=x", "/error?error=invalid_scope", "/nowhere"} {
		page := b.get(target).page()
		if got := page.Text(".onward"); !strings.Contains(got, "App 2") {
			t.Errorf("%s: got %q, want the newest application", target, got)
		}
	}
	b.get("/consent?consent_challenge=c").shows(http.StatusOK).Missing(".onward")
	b.get("/recovery?flow=x").shows(http.StatusOK).Missing(".onward")
}

func TestGoingOnBeginsTheRequestAgain(t *testing.T) {
	begins := hydraURL + "/oauth2/auth?client_id=app1&"
	for name, tt := range map[string]struct {
		since time.Duration
		want  string
	}{
		"whoever signed in since has done what it asks": {0, begins + "state=s"},
		"whoever did not has not":                       {-time.Hour, begins + "state=s&prompt=login&identityd_prompt=select_account"},
	} {
		t.Run(name, func(t *testing.T) {
			f := engines()
			f.whoami = func(string) (*identity.Session, error) {
				return &identity.Session{AuthenticatedAt: time.Now().Add(tt.since), Identity: anna()}, nil
			}
			b := onItsWay(t, f, app(1, "&prompt=login&identityd_prompt=select_account"))
			b.get(b.get(accountPath).page().Attr(".onward a", "href")).goesTo(tt.want)
			b.get(continuePath).goesTo(tt.want)
		})
	}
}

func TestWhoHasGotAnAnswerWaitsNoMore(t *testing.T) {
	f := engines()
	f.consentRequest = func(c string) (*identity.ConsentRequest, error) {
		request := consentRequest(c)
		request.RequestURL = hydraURL + "/oauth2/auth?client_id=app1&state=s"
		return request, nil
	}
	b := onItsWay(t, f, app(1, ""))
	form := consentForm(b, "c")
	form.Set("action", "deny")
	b.post("/consent", form).goesTo(hydraURL + "/rejected")
	b.get(accountPath).shows(http.StatusOK).Missing(".onward")
	b.get(continuePath).shows(http.StatusNotFound)
	// The back button: the page can be answered once only.
	a := b.get("/consent?consent_challenge=c")
	if to := a.header.Get("Location"); !strings.HasPrefix(to, uiURL+continuePath) {
		t.Fatalf("got %d to %q, want the request begun again", a.status, to)
	}
	b.post("/consent", form).goesTo(a.header.Get("Location"))
	b.get(a.header.Get("Location")).goesTo(hydraURL + "/oauth2/auth?client_id=app1&state=s")
}

func TestAnExpiredChallengeBeginsAgain(t *testing.T) {
	f := engines()
	b := onItsWay(t, f, app(1, ""), app(2, ""))
	f.loginRequest = func(string) (*identity.LoginRequest, error) {
		return nil, &identity.Error{Code: identity.Gone, Message: "Late."}
	}
	first := b.get("/login?login_challenge=c0").header.Get("Location")
	b.get(first).goesTo(hydraURL + "/oauth2/auth?client_id=app1&state=s")
	b.get("/login?login_challenge=never-seen").shows(http.StatusGone)
}

func TestTheListOfApplicationsIsBoundedAndSealed(t *testing.T) {
	f := engines()
	long := "&request=" + strings.Repeat("x1y2", 400)
	b := onItsWay(t, f, app(1, ""), app(2, long), app(3, long), app(4, ""), app(5, ""), app(6, ""))
	value := b.jar[appsCookie]
	if len(value) == 0 || len(value) > maxCookie {
		t.Fatalf("got %d bytes, want some, and at most %d", len(value), maxCookie)
	}
	if strings.Contains(value, "app") || strings.Contains(b.get(accountPath).body, "App 1<") {
		t.Error("the list is not sealed, or does not end")
	}
	t.Run("one request too large for a cookie is not kept", func(t *testing.T) {
		var noise strings.Builder
		for i := range 1500 {
			fmt.Fprintf(&noise, "%x", i*7919)
		}
		b := onItsWay(t, engines(), app(1, "&request="+noise.String()))
		if got, ok := b.jar[appsCookie]; ok {
			t.Errorf("got a cookie of %d bytes", len(got))
		}
	})
	for name, spoil := range map[string]func(*browser){
		"that was changed": func(b *browser) {
			first := "A"
			if strings.HasPrefix(b.jar[appsCookie], first) { // one in 64 begins so: the nonce is random
				first = "B"
			}
			b.jar[appsCookie] = first + b.jar[appsCookie][1:]
		},
		"that is no list":                  func(b *browser) { b.jar[appsCookie] = "!" },
		"that was made in another browser": func(b *browser) { other := onItsWay(t, f, app(9, "")); b.jar[appsCookie] = other.jar[appsCookie] },
	} {
		t.Run("a list "+name+" is none", func(t *testing.T) {
			b := onItsWay(t, f, app(1, ""))
			spoil(b)
			b.get(accountPath).shows(http.StatusOK).Missing(".onward")
		})
	}
	t.Run("a request elsewhere is not kept", func(t *testing.T) {
		b := onItsWay(t, f, func(r *identity.LoginRequest) { r.RequestURL = "https://evil.example/oauth2/auth" })
		b.get(accountPath).shows(http.StatusOK).Missing(".onward")
	})
	t.Run("an hour is enough", func(t *testing.T) {
		b := onItsWay(t, f, func(r *identity.LoginRequest) { r.RequestedAt = time.Now().Add(-2 * time.Hour) })
		b.get(accountPath).shows(http.StatusOK).Missing(".onward")
	})
}

func TestAnApplicationsFaultIsToldToWhomeverIsSignedIn(t *testing.T) {
	f := engines()
	b := newBrowser(t, newUI(t, f))
	b.jar["session"] = "anna"
	query := url.Values{
		"error": {"invalid_request"}, "client_id": {"app"},
		"error_description": {"The request is missing a required parameter."},
		"error_hint":        {"The 'redirect_uri' parameter does not match any of the pre-registered redirect urls."},
	}
	page := b.get("/error?" + query.Encode()).shows(http.StatusBadRequest)
	for selector, want := range map[string]string{
		".account": "You are signed in as anna@example.com.", ".lead": "The address that it wants to send you back to is not registered for it.",
		"a.button": "Back to Notes", "dd:nth-of-type(1)": "Notes", "dd:nth-of-type(3)": "redirect_uri",
	} {
		if got := page.Text(selector); got != want {
			t.Errorf("%s: got %q, want %q", selector, got, want)
		}
	}
	if got, want := page.Attr("a.button", "href"), "https://notes.example"; got != want {
		t.Errorf("back: got %q, want %q", got, want)
	}
	f.client = func(string) (*identity.Client, error) { return nil, &identity.Error{Code: identity.NotFound} }
	if got := b.get("/error?" + query.Encode()).shows(400).Text("dl"); strings.Contains(got, "Application") {
		t.Errorf("an application that is not registered is named: %q", got)
	}
	f.consentRequest = func(string) (*identity.ConsentRequest, error) {
		return nil, &identity.Error{Code: identity.Gone, RedirectTo: hydraURL + "/oauth2/auth?client_id=app"}
	}
	page = b.get("/consent?consent_challenge=c").shows(http.StatusGone)
	if got := page.Attr("a.button", "href"); got != hydraURL+"/oauth2/auth?client_id=app" {
		t.Errorf("start again: got %q", got)
	}
}

func TestParametersAreFoundInWhatHydraSays(t *testing.T) {
	for text, want := range map[string]string{
		"The 'redirect_uri' parameter is required.":                                     "redirect_uri",
		"Request parameter \"state\" must be at least be 8 characters long.":            "state",
		"Used unknown value '[x]' for prompt parameter":                                 "prompt",
		"Clients must include a code_challenge when performing the authorize code flow": "code_challenge",
		"The requested scopes are wrong":                                                "scope",
		"":                                                                              "",
		"call 555 now":                                                                  "",
	} {
		if got := parameterOf(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
