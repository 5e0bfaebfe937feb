package ui

import (
	"net/http"
	"testing"

	"example.com/identityd/internal/identity"
)

func TestEnroll(t *testing.T) {
	f := engines()
	cfg := config(f)
	cfg.SecondFactorRequired = true
	session(f, "aal1", nil)
	u := newUIWith(t, cfg)
	t.Run("the pages of the account lead to it", func(t *testing.T) {
		newBrowser(t, u).get(accountPath).goesTo(uiURL + EnrollPath)
	})
	t.Run("it leads to the settings, names the application, and lets people go", func(t *testing.T) {
		b := newBrowser(t, u)
		page := b.get(EnrollPath + "?login_challenge=c").shows(http.StatusOK)
		page.One(`a[href="` + uiURL + `/settings"]`)
		page.One(`form[action="/account/logout"]`)
		if got, want := page.Text(".notice"), "Notes is waiting. You can go on there afterwards."; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
	for name, tt := range map[string]struct {
		change func()
		target string
		want   string
	}{
		"who has a second factor goes on to the application": {
			func() { session(f, "aal2", nil) }, EnrollPath + "?login_challenge=c", uiURL + "/login?login_challenge=c",
		},
		"and without one, home": {func() { session(f, "aal2", nil) }, EnrollPath, uiURL + "/"},
		"who has one and has not used it is asked for it": {
			func() { session(f, "", &identity.Error{Code: identity.AALRequired}) }, EnrollPath + "?login_challenge=c",
			uiURL + "/login?aal=aal2&login_challenge=c",
		},
		"who is not signed in does that first": {
			func() { session(f, "", &identity.Error{Code: identity.NoSession}) }, EnrollPath, uiURL + "/login",
		},
	} {
		t.Run(name, func(t *testing.T) {
			tt.change()
			newBrowser(t, u).get(tt.target).goesTo(tt.want)
		})
	}
}

func session(f *fake, aal string, err error) {
	f.whoami = func(string) (*identity.Session, error) {
		if err != nil {
			return nil, err
		}
		return &identity.Session{ID: "s", AAL: aal, Identity: anna()}, nil
	}
}

func TestTheLinkOfAMailIsUsedUpByAButton(t *testing.T) {
	u := newUI(t, engines())
	page := newBrowser(t, u).get(ConfirmPath + "?kind=recovery&flow=f&token=tok").shows(http.StatusOK)
	form := page.Form("main form")
	if form.Action != kratosURL+"/self-service/recovery?flow=f" || form.Fields.Get("token") != "tok" {
		t.Errorf("got a form to %s with %v", form.Action, form.Fields)
	}
	for _, target := range []string{
		"?kind=recovery&flow=f", "?kind=settings&flow=f&token=t", "?kind=recovery&flow=%22&token=t", "?kind=..&flow=f&token=t",
	} {
		newBrowser(t, u).get(ConfirmPath + target).shows(http.StatusBadRequest)
	}
}
