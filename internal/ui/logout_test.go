package ui

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/identity"
)

func leaving(f *fake) *[]string {
	var got []string
	f.acceptLogout = func(c string) (string, error) {
		got = append(got, "accept "+c)
		return hydraURL + "/logged-out", nil
	}
	f.rejectLogout = func(c string) error {
		got = append(got, "reject "+c)
		return nil
	}
	return &got
}

func TestLogoutAsksFirst(t *testing.T) {
	for action, tt := range map[string]struct {
		to   string
		want []string
	}{
		"yes": {hydraURL + "/logged-out", []string{"accept c1"}},
		"no":  {uiURL + "/account/stayed", []string{"reject c1"}},
	} {
		t.Run("and does what is answered: "+action, func(t *testing.T) {
			f := engines()
			got := leaving(f)
			b := newBrowser(t, newUI(t, f))
			page := b.get("/logout?logout_challenge=c1").shows(http.StatusOK)
			if got, want := page.Text("h1"), "Sign out of Example?"; got != want {
				t.Errorf("heading: got %q, want %q", got, want)
			}
			page.One("button[name=action][value=" + action + "]")
			form := page.Form("form").Fields
			form.Set("action", action)
			b.post("/logout", form).goesTo(tt.to)
			if diff := cmp.Diff(tt.want, *got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLogoutWithoutATokenOrAnAnswerDoesNothing(t *testing.T) {
	for name, tt := range map[string]struct {
		field, value string
		status       int
	}{
		"a wrong token":     {"csrf_token", "x", http.StatusForbidden},
		"another challenge": {"logout_challenge", "c2", http.StatusForbidden},
		"no answer":         {"action", "", http.StatusBadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			f := engines()
			got := leaving(f)
			b := newBrowser(t, newUI(t, f))
			form := b.get("/logout?logout_challenge=c1").shows(http.StatusOK).Form("form").Fields
			form.Set("action", "yes")
			form.Set(tt.field, tt.value)
			b.post("/logout", form).shows(tt.status)
			if len(*got) != 0 {
				t.Errorf("got %v, want nothing done", *got)
			}
		})
	}
}

func TestLogoutIsNotAskedWhenTheClientMaySkipIt(t *testing.T) {
	f := engines()
	got := leaving(f)
	f.logoutRequest = func(c string) (*identity.LogoutRequest, error) {
		return &identity.LogoutRequest{Client: &identity.Client{SkipLogoutConsent: true}}, nil
	}
	b := newBrowser(t, newUI(t, f))
	b.do("HEAD", "/logout?logout_challenge=c1", nil)
	if len(*got) != 0 {
		t.Errorf("HEAD: got %v, want nothing done", *got)
	}
	b.get("/logout?logout_challenge=c1").goesTo(hydraURL + "/logged-out")
	if diff := cmp.Diff([]string{"accept c1"}, *got); diff != "" {
		t.Error(diff)
	}
}

func TestLogoutWithoutAnApplicationOrAChallenge(t *testing.T) {
	f := engines()
	f.logoutRequest = func(c string) (*identity.LogoutRequest, error) {
		return &identity.LogoutRequest{Challenge: c}, nil
	}
	b := newBrowser(t, newUI(t, f))
	b.get("/logout?logout_challenge=c1").shows(http.StatusOK).Missing(".lead bdi")
	b.get("/logout").goesTo(uiURL + "/")
	b.get("/logout?logout_challenge=a%20b").shows(http.StatusBadRequest)
}

func TestSigningOutGoesByWayOfKratos(t *testing.T) {
	done := uiURL + "/account/signed-out"
	for name, tt := range map[string]struct {
		url    string
		err    error
		status int
		to     string
	}{
		"to the address it gave":               {kratosURL + "/self-service/logout?token=t", nil, 303, kratosURL + "/self-service/logout?token=t"},
		"and is done when nobody is signed in": {"", &identity.Error{Code: identity.NoSession}, 303, done},
		"but not to a stranger":                {"https://evil.example/", nil, 500, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := engines()
			f.logoutURL = func(_, returnTo string) (string, error) {
				if returnTo != done {
					t.Errorf("return address: got %q, want %q", returnTo, done)
				}
				return tt.url, tt.err
			}
			b := newBrowser(t, newUI(t, f))
			form := b.get("/account/").shows(http.StatusOK).Form("form").Fields
			got := b.post("/account/logout", form)
			if got.status != tt.status || got.header.Get("Location") != tt.to {
				t.Errorf("got %d %q, want %d %q", got.status, got.header.Get("Location"), tt.status, tt.to)
			}
		})
	}
}
