package ui

import (
	"fmt"
	"net/http"
	"net/url"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/locale"
)

// choosePage is for somebody who is signed in and asks to sign in: to go on as who they are, or as
// somebody else.
type choosePage struct {
	layout
	App      string // where it goes on, or empty
	Account  string
	Continue string
	CSRF     string
	// Then is the sign-in that follows when it is somebody else.
	Then string
	// Challenge, when set, is what going on answers: by a form then, not by a link.
	Challenge, ChallengeCSRF string
	// Expected is whom the application hinted at, when that is somebody else.
	Expected string
	// Create says that the application asks for a new account.
	Create bool
}

// choice is what the page asks about.
type choice struct {
	// Person is who is signed in in this browser.
	Person identity.Identity
	// App is the name of what waits at the end, or empty.
	App string
	// Continue is where the browser goes as this person, and Then the sign-in of ours where another
	// account is used, after this session has ended.
	Continue, Then string
	// Of an application's request: see choosePage.
	Challenge, Expected string
	Create              bool
}

// choose asks whether the person goes on as who they are. Nothing happens before they answer.
func (u *UI) choose(w http.ResponseWriter, r *http.Request, c choice) error {
	if c.Challenge != "" {
		// Both ways end at an application, and Chromium applies form-action to every redirect.
		u.setCSP(w, true)
	}
	page := choosePage{
		layout:    u.layout(r, "You are signed in already"),
		App:       c.App,
		Account:   accountName(c.Person),
		Continue:  c.Continue,
		CSRF:      u.csrf.token(w, r, purposeSwitch, c.Then),
		Then:      c.Then,
		Challenge: c.Challenge,
		Expected:  c.Expected,
		Create:    c.Create,
	}
	if c.Challenge != "" {
		page.ChallengeCSRF = u.csrf.token(w, r, purposeChoose, c.Challenge)
	}
	return render(w, http.StatusOK, u.pages.Choose, page)
}

// chooseAtLogin asks that of somebody who opens the sign-in page of no application while they are signed
// in: by a link, by the back button, or in a second tab. It says whether it has answered.
func (u *UI) chooseAtLogin(w http.ResponseWriter, r *http.Request, params url.Values) (bool, error) {
	for _, asked := range []string{"aal", "refresh", "login_challenge"} {
		if params.Get(asked) != "" {
			return false, nil
		}
	}
	person := u.signedInHere(r)
	if person == nil {
		return false, nil
	}
	c := choice{Person: *person, Continue: u.to("/", nil), Then: u.to("/login", params)}
	if to := params.Get("return_to"); to != "" {
		c.App = u.appOf(u.printer(r), to)
		// Kratos knows which addresses are allowed, and goes there at once: the person is signed in.
		c.Continue = u.start(r, identity.Login, params)
	}
	return true, u.choose(w, r, c)
}

// signedInHere returns who is signed in in this browser, or nil, also when that cannot be said now.
func (u *UI) signedInHere(r *http.Request) *identity.Identity {
	if cookies(r) == "" {
		return nil
	}
	session, err := u.cfg.Sessions.Whoami(r.Context(), cookies(r))
	if err != nil {
		return nil
	}
	return &session.Identity
}

// appOf names the place of a return address, unless it is one of ours.
func (u *UI) appOf(p *locale.Printer, returnTo string) string {
	to, err := url.Parse(returnTo)
	if err != nil || !isWeb(to) || u.ours(returnTo) {
		return ""
	}
	return place(p, returnTo)
}

// switchAccount ends the session of this browser and goes on to a sign-in.
func (u *UI) switchAccount(w http.ResponseWriter, r *http.Request) error {
	if err := u.csrf.check(w, r, purposeSwitch, "then"); err != nil {
		return err
	}
	then := r.PostForm.Get("then")
	if to, err := url.Parse(then); err != nil || !isWeb(to) || !sameOrigin(to, u.at.ui) || to.User != nil {
		return badChallenge()
	}
	return u.signOutFor(w, r, then)
}

// signOutFor ends the session of this browser and goes on to an address of ours.
func (u *UI) signOutFor(w http.ResponseWriter, r *http.Request, then string) error {
	address, err := u.cfg.Flows.LogoutURL(r.Context(), cookies(r), then)
	if isCode(err, identity.NoSession) {
		return redirect(w, then)
	}
	if err != nil {
		return err
	}
	to, err := url.Parse(address)
	if err != nil || !sameOrigin(to, u.at.kratos) {
		return fmt.Errorf("checking the logout address: not at %s", origin(u.at.kratos))
	}
	return redirect(w, address)
}
