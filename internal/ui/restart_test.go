package ui

import (
	"errors"
	"net/http"
	"testing"

	"example.com/identityd/internal/identity"
)

func failingFlow(err error) *fake {
	f := engines()
	f.flow = func(identity.FlowKind, string, string) (*identity.Flow, error) { return nil, err }
	return f
}

func TestAFlowThatIsGoneIsStartedAgainOnceAndOnlyOnce(t *testing.T) {
	for _, code := range []identity.Code{identity.Gone, identity.NotFound, identity.Forbidden} {
		t.Run("when Kratos says "+string(code), func(t *testing.T) {
			b := newBrowser(t, newUI(t, failingFlow(&identity.Error{Code: code, Message: "m"})))
			b.jar["some"] = "cookie"
			b.get("/login?flow=old").goesTo(kratosURL + "/self-service/login/browser")
			page := b.get("/login?flow=new").shows(http.StatusGone)
			if got, want := page.Attr("a.button", "href"), uiURL+"/login"; got != want {
				t.Errorf("way out: got %q, want %q", got, want)
			}
			// The person who presses "Start again" gets another automatic restart.
			b.get("/login?flow=third").goesTo(kratosURL + "/self-service/login/browser")
		})
	}
}

func TestAShownFlowEndsTheMemoryOfTheRestart(t *testing.T) {
	b := newBrowser(t, newUI(t, engines()))
	b.jar[restartCookie] = "1"
	b.get("/login?flow=x").shows(http.StatusOK)
	if _, ok := b.jar[restartCookie]; ok {
		t.Error("the restart is still remembered")
	}
}

func TestABrowserWithoutCookiesIsToldSo(t *testing.T) {
	u := newUI(t, failingFlow(&identity.Error{Code: identity.Forbidden, Message: "m"}))
	hop := uiURL + "/registration?restart=1"
	newBrowser(t, u).get("/registration?flow=x").goesTo(hop)
	page := newBrowser(t, u).get("/registration?restart=1").shows(http.StatusBadRequest)
	if got, want := page.Text("h1"), "Cookies are needed"; got != want {
		t.Errorf("heading: got %q, want %q", got, want)
	}
	keeping := newBrowser(t, u)
	keeping.get("/registration?flow=x").goesTo(hop)
	keeping.get("/registration?restart=1").goesTo(kratosURL + "/self-service/registration/browser")
}

func TestARestartFollowsTheEngineButNobodyElse(t *testing.T) {
	for name, tt := range map[string]struct{ to, want string }{
		"to Kratos":          {kratosURL + "/self-service/login/browser?return_to=x", kratosURL + "/self-service/login/browser?return_to=x"},
		"not to a stranger":  {"https://evil.example/", kratosURL + "/self-service/login/browser"},
		"not through a name": {"http://id.test:4433@evil.example/", kratosURL + "/self-service/login/browser"},
		"not with a name":    {"http://name@id.test:4433/x", kratosURL + "/self-service/login/browser"},
		"not to a script":    {"javascript:alert(1)", kratosURL + "/self-service/login/browser"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBrowser(t, newUI(t, failingFlow(&identity.Error{Code: identity.Gone, RedirectTo: tt.to})))
			b.jar["some"] = "cookie"
			b.get("/login?flow=x").goesTo(tt.want)
		})
	}
}

func TestOtherFailuresOfAFlow(t *testing.T) {
	secondFactor := kratosURL + "/self-service/login/browser?aal=aal2"
	for name, tt := range map[string]struct {
		err      error
		status   int
		location string
	}{
		"a second factor is asked for":        {&identity.Error{Code: identity.AALRequired}, 303, secondFactor},
		"a second factor, and the way to it":  {&identity.Error{Code: identity.AALRequired, RedirectTo: kratosURL + "/x"}, 303, kratosURL + "/x"},
		"a second factor, by way of stranger": {&identity.Error{Code: identity.AALRequired, RedirectTo: "https://evil.example"}, 303, secondFactor},
		"nobody is signed in":                 {&identity.Error{Code: identity.NoSession}, 303, kratosURL + "/self-service/login/browser"},
		"the database is away":                {&identity.Error{Code: identity.Unavailable}, 503, ""},
		"anything else":                       {errors.New("boom"), 500, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := newBrowser(t, newUI(t, failingFlow(tt.err))).get("/login?flow=x")
			if got.status != tt.status || got.header.Get("Location") != tt.location {
				t.Errorf("got %d %q, want %d %q",
					got.status, got.header.Get("Location"), tt.status, tt.location)
			}
		})
	}
}
