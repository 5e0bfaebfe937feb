package ui

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/identity"
)

// asking changes what the application asks.
func asking(f *fake, change func(*identity.LoginRequest)) *fake {
	f.loginRequest = func(c string) (*identity.LoginRequest, error) {
		request := loginRequest(c)
		change(request)
		return request, nil
	}
	return f
}

func with(parameters string) func(*identity.LoginRequest) {
	return func(r *identity.LoginRequest) { r.RequestURL += "&" + parameters }
}

func object(claims string) string {
	return "request=h." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".s"
}

const (
	accepted = hydraURL + "/login-accepted"
	started  = kratosURL + "/self-service/login/browser?"
	again    = started + "login_challenge=c&refresh=true"
)

func TestAnApplicationsRequestGoesWhereItHasTo(t *testing.T) {
	since := func(ago time.Duration) func(*fake) {
		return func(f *fake) {
			f.whoami = func(string) (*identity.Session, error) {
				return &identity.Session{ID: "s", AAL: "aal1", AuthenticatedAt: time.Now().Add(-ago), Identity: anna()}, nil
			}
		}
	}
	nobody := func(f *fake) { f.whoami = signedOut }
	halfway := func(f *fake) {
		f.whoami = func(string) (*identity.Session, error) { return nil, &identity.Error{Code: identity.AALRequired} }
	}
	keyed := func(f *fake) {
		f.credentials = func(string) ([]identity.Factor, error) {
			return []identity.Factor{{Type: identity.PasswordCredential}, {Type: identity.TOTPCredential}}, nil
		}
	}
	bare := func(f *fake) {
		f.credentials = func(string) ([]identity.Factor, error) {
			return []identity.Factor{{Type: identity.PasswordCredential}, {Type: identity.PasskeyCredential}}, nil
		}
	}
	plainRequest := hydraURL + "/oauth2/auth?client_id=app&state=s1"
	for name, tt := range map[string]struct {
		engine func(*fake)
		ask    func(*identity.LoginRequest)
		want   string // empty: the page that asks for the account
	}{
		"who is signed in goes on":                            {nil, func(*identity.LoginRequest) {}, accepted},
		"who is remembered goes on":                           {nil, func(r *identity.LoginRequest) { r.Skip, r.Subject = true, "anna-id" }, accepted},
		"who is not signs in":                                 {nobody, func(*identity.LoginRequest) {}, started + "login_challenge=c"},
		"who is to sign up does":                              {nobody, with("prompt=registration"), kratosURL + "/self-service/registration/browser?login_challenge=c"},
		"who is half signed in takes the second step":         {halfway, func(*identity.LoginRequest) {}, started + "aal=aal2&login_challenge=c"},
		"a remembered session of nobody begins again":         {nobody, func(r *identity.LoginRequest) { r.Skip, r.Subject = true, "anna-id" }, plainRequest},
		"a remembered session of another begins again":        {nil, func(r *identity.LoginRequest) { r.Skip, r.Subject = true, "bert-id" }, plainRequest},
		"prompt=login signs in again":                         {since(time.Hour), with("prompt=login"), again},
		"but not who has just done so":                        {since(0), with("prompt=login"), accepted},
		"a maximal age that is reached signs in again":        {since(time.Hour), with("max_age=60"), again},
		"one that is not goes on":                             {since(time.Minute), with("max_age=600"), accepted},
		"a maximal age of nothing is reached":                 {since(time.Hour), with("max_age=0"), again},
		"a signed request is read":                            {since(time.Hour), with(object(`{"prompt":"login"}`)), again},
		"and comes before the query":                          {since(time.Hour), with("prompt=login&" + object(`{"prompt":"consent"}`)), accepted},
		"a maximal age in a signed request counts":            {since(time.Hour), with(object(`{"max_age":60}`)), again},
		"a request that is elsewhere signs in again":          {since(time.Hour), with("request_uri=https://x.example"), again},
		"prompt=select_account asks":                          {nil, with("identityd_prompt=select_account"), ""},
		"a sign-up while signed in asks":                      {nil, with("prompt=registration"), ""},
		"a hint at somebody else asks":                        {nil, func(r *identity.LoginRequest) { r.OpenID.LoginHint = "bert@example.com" }, ""},
		"a hint at the same person goes on":                   {nil, func(r *identity.LoginRequest) { r.OpenID.LoginHint = "ANNA@example.com" }, accepted},
		"a token of somebody else asks":                       {nil, func(r *identity.LoginRequest) { r.OpenID.IDTokenHint = map[string]any{"sub": "bert-id"} }, ""},
		"a pseudonym is not compared":                         {nil, pairwise, accepted},
		"a second factor that is asked for and there":         {keyed, func(r *identity.LoginRequest) { r.OpenID.ACRValues = []string{"aal2"} }, started + "aal=aal2&login_challenge=c"},
		"a second factor that is asked for and not there":     {bare, func(r *identity.LoginRequest) { r.OpenID.ACRValues = []string{"aal2"} }, accepted},
		"a request at a foreign address does not begin again": {nobody, func(r *identity.LoginRequest) { r.Skip, r.RequestURL = true, "https://evil.example/oauth2/auth" }, "refused"},
	} {
		t.Run(name, func(t *testing.T) {
			f := asking(engines(), tt.ask)
			if tt.engine != nil {
				tt.engine(f)
			}
			got := newBrowser(t, newUI(t, f)).get("/login?login_challenge=c")
			switch tt.want {
			case "":
				got.shows(http.StatusOK).One(`form[action="/account/choose"]`)
			case "refused":
				got.shows(http.StatusBadRequest)
			default:
				got.goesTo(tt.want)
			}
		})
	}
}

func pairwise(r *identity.LoginRequest) {
	r.Client.SubjectType = "pairwise"
	r.OpenID.IDTokenHint = map[string]any{"sub": "pseudonym"}
}

func TestWhatIsAcceptedIsTheSessionThatThereIs(t *testing.T) {
	f := engines()
	since := time.Now().Add(-time.Hour)
	f.whoami = func(string) (*identity.Session, error) {
		return &identity.Session{
			ID: "anna-session", AAL: "aal2", AuthenticatedAt: since, Identity: anna(),
			Methods: []identity.Method{{Method: "password"}, {Method: "totp"}},
		}, nil
	}
	var got identity.LoginGrant
	f.acceptLogin = func(_ string, grant identity.LoginGrant) (string, error) {
		got = grant
		return accepted, nil
	}
	b := newBrowser(t, newUI(t, f))
	want := identity.LoginGrant{
		Subject: "anna-id", SessionID: "anna-session", AuthenticatedAt: since, AMR: []string{"password", "totp"}, ACR: "aal2",
		KeepFor: 720 * 3600,
	}
	for _, keeps := range []bool{false, true} {
		if keeps {
			b.jar[identity.KeepCookie] = "1"
		}
		want.Keep = keeps
		b.get("/login?login_challenge=c").goesTo(accepted)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
	got = identity.LoginGrant{}
	b.do(http.MethodHead, "/login?login_challenge=c", nil)
	if got.Subject != "" {
		t.Error("HEAD answered for the person")
	}
}

func TestASessionIsForgottenByItsNumber(t *testing.T) {
	f := asking(engines(), func(r *identity.LoginRequest) { r.Skip, r.Subject = true, "bert-id" })
	var ended []string
	f.endLogin = func(sid string) error { ended = append(ended, sid); return nil }
	newBrowser(t, newUI(t, f)).get("/login?login_challenge=c")
	if diff := cmp.Diff([]string{"hydra-session"}, ended); diff != "" {
		t.Error(diff)
	}
}

func TestGoingOnAsWhoOneIs(t *testing.T) {
	f := asking(engines(), with("identityd_prompt=select_account"))
	b := newBrowser(t, newUI(t, f))
	got := b.get("/login?login_challenge=c")
	page := got.shows(http.StatusOK)
	if csp := got.header.Get("Content-Security-Policy"); strings.Contains(csp, "form-action") {
		t.Errorf("the way to the application is forbidden by %q", csp)
	}
	form := page.Form(`form[action="/account/choose"]`)
	b.post("/account/choose", form.Fields).goesTo(accepted)
	other := url.Values{"csrf_token": form.Fields["csrf_token"], "login_challenge": {"d"}}
	b.post("/account/choose", other).shows(http.StatusForbidden)
	another := page.Form(`form[action="/account/switch"]`)
	if got, want := another.Fields.Get("then"), uiURL+continuePath+"?app="; !strings.HasPrefix(got, want) {
		t.Errorf("another account goes to %q, want %q", got, want)
	}
	b.post("/account/switch", another.Fields).goesTo(kratosURL + "/self-service/logout?token=t")
	f.whoami = signedOut
	b.post("/account/choose", form.Fields).goesTo(uiURL + "/login?login_challenge=c")
}

func TestAHintIsFilledIn(t *testing.T) {
	f := changed(engines(), func(f *identity.Flow) {
		f.LoginRequest = loginRequest("c")
		f.LoginRequest.OpenID.LoginHint = "anna@example.com"
	})
	f.whoami = signedOut
	page := newBrowser(t, newUI(t, f)).get("/login?flow=x").shows(http.StatusOK)
	if got, want := page.Attr("#f-identifier", "value"), "anna@example.com"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestStayingSignedInIsOfferedWhereASessionBegins(t *testing.T) {
	const box = "input[name=" + identity.KeepField + "]"
	for name, tt := range map[string]struct {
		remember identity.Remember
		change   func(*identity.Flow)
		offered  bool
	}{
		"at a sign-in":                      {identity.RememberOffered, func(*identity.Flow) {}, true},
		"not to who is signed in":           {identity.RememberOffered, func(f *identity.Flow) { f.Refresh = true }, false},
		"not where everybody is remembered": {identity.RememberAlways, func(*identity.Flow) {}, false},
		"nor where nobody is":               {identity.RememberNever, func(*identity.Flow) {}, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := changed(engines(), tt.change)
			f.whoami = signedOut
			cfg := config(f)
			cfg.Remember = tt.remember
			page := newBrowser(t, newUIWith(t, cfg)).get("/login?flow=x").shows(http.StatusOK)
			if !tt.offered {
				page.Missing(box)
				return
			}
			page.One(box + ":not([checked])")
		})
	}
}
