package ui

import (
	"net/http"
	"net/url"

	"example.com/identityd/internal/identity"
)

// purposeChoose is that of the form that goes on to an application as who one is.
const purposeChoose = "choose"

// chooseForApp asks with which account to go on to an application.
func (u *UI) chooseForApp(
	w http.ResponseWriter, r *http.Request, challenge string,
	request *identity.LoginRequest, session *identity.Session,
) error {
	if u.cfg.Passing(r.Context()) {
		return u.comeHere(w, r)
	}
	c := choice{
		Person: session.Identity, App: clientName(request.Client), Challenge: challenge,
		Then:   u.to(continuePath, url.Values{"app": {appKey(request.RequestURL)}}),
		Create: u.cfg.Registration && demandsOf(request.RequestURL).Create,
	}
	if hint := request.OpenID.LoginHint; hint != "" && !names(session.Identity, hint) {
		c.Expected = plain(hint, maxName)
	}
	return u.choose(w, r, c)
}

// goOnAs goes on to an application with the account that is signed in.
func (u *UI) goOnAs(w http.ResponseWriter, r *http.Request) error {
	if err := u.csrf.check(w, r, purposeChoose, "login_challenge"); err != nil {
		return err
	}
	u.setCSP(w, true)
	challenge := r.PostForm.Get("login_challenge")
	if !validChallenge(challenge) {
		return badChallenge()
	}
	request, err := u.cfg.OAuth2.LoginRequest(r.Context(), challenge)
	if isCode(err, identity.Gone) {
		return u.tooLate(w, r, challenge, err)
	}
	if err != nil {
		return err
	}
	session, err := u.cfg.Sessions.Whoami(r.Context(), cookies(r))
	if isCode(err, identity.NoSession) || isCode(err, identity.AALRequired) ||
		err == nil && request.Skip && request.Subject != session.Identity.ID {
		// Another tab was faster. What is right now is found out from the start.
		return redirect(w, u.to("/login", url.Values{"login_challenge": {challenge}}))
	}
	if err != nil {
		return err
	}
	return u.goOn(w, r, challenge, request, session)
}
