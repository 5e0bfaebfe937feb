package ui

import (
	"net/http"
	"net/url"

	"example.com/identityd/internal/identity"
)

type signOutPage struct {
	layout
	Account string // empty when nobody is signed in, or not wholly
	CSRF    string
}

// askSignOut is for links: a link alone must not sign anybody out.
func (u *UI) askSignOut(w http.ResponseWriter, r *http.Request) error {
	session, err := u.cfg.Sessions.Whoami(r.Context(), cookies(r))
	if isCode(err, identity.NoSession) {
		return redirect(w, u.to("/account/signed-out", nil))
	}
	page := signOutPage{layout: u.layout(r, "Sign out?"), CSRF: u.csrf.token(w, r, purposeSignOut, "")}
	switch {
	case err == nil:
		page.Account = accountName(session.Identity)
	case !isCode(err, identity.AALRequired): // who has not come to the second step may leave as well
		return err
	}
	return render(w, http.StatusOK, u.pages.SignOut, page)
}

// signOut ends the session of this browser by way of Kratos' own logout, which ends Hydra's too, and
// before it all others when that is wanted.
func (u *UI) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := u.csrf.check(w, r, purposeSignOut, ""); err != nil {
		return err
	}
	query := url.Values{}
	if r.PostForm.Get("everywhere") == "yes" {
		err := u.cfg.Account.RevokeOtherSessions(r.Context(), cookies(r))
		if isCode(err, identity.AALRequired) {
			return redirect(w, "/login?aal=aal2")
		}
		if err != nil && !isCode(err, identity.NoSession) {
			return err
		}
		query.Set("everywhere", "1")
	}
	u.leaveFrom(w, nil)
	return u.signOutFor(w, r, u.to("/account/signed-out", query))
}
