package ui

import (
	"net/http"
	"net/url"

	"example.com/identityd/internal/identity"
)

// EnrollPath is where somebody has to set up a second factor before anything else.
const EnrollPath = "/account/second-step"

// enrollPage says that a second factor has to be set up, and leads to where that is done.
type enrollPage struct {
	layout
	App      string // the application that waits, or empty
	Settings string
	// CSRF is that of the form that signs out.
	CSRF string
}

// enroll is where a sign-in ends that has no second factor where everybody has to have one. It is no dead
// end: it leads to the settings, which lead on to the application when that is done.
func (u *UI) enroll(w http.ResponseWriter, r *http.Request) error {
	challenge := r.URL.Query().Get("login_challenge")
	session, err := u.cfg.Sessions.Whoami(r.Context(), cookies(r))
	params := url.Values{}
	if challenge != "" {
		if !validChallenge(challenge) {
			return badChallenge()
		}
		params.Set("login_challenge", challenge)
	}
	switch {
	case isCode(err, identity.NoSession):
		return redirect(w, u.to("/login", params))
	case isCode(err, identity.AALRequired):
		params.Set("aal", "aal2")
		return redirect(w, u.to("/login", params))
	case err != nil:
		return err
	case !u.mustEnroll(session) && challenge != "":
		return redirect(w, u.to("/login", params))
	case !u.mustEnroll(session):
		return redirect(w, u.to("/", nil))
	}
	page := enrollPage{
		layout: u.layout(r, "Set up a second step"), Settings: u.to("/settings", nil),
		CSRF: u.csrf.token(w, r, purposeSignOut, ""),
	}
	if challenge != "" {
		request, err := u.cfg.OAuth2.LoginRequest(r.Context(), challenge)
		if err != nil && !isCode(err, identity.Gone) {
			return err
		}
		if err == nil {
			u.expect(w, r, challenge, request)
			page.App = clientName(request.Client)
		}
	}
	return render(w, http.StatusOK, u.pages.Enroll, page)
}

// mustEnroll says whether a session is not enough for anything but setting up a second factor. Pages of
// the account ask it, and send the browser to EnrollPath.
func (u *UI) mustEnroll(session *identity.Session) bool {
	return u.cfg.SecondFactorRequired && session.AAL != "aal2"
}
