package ui

import (
	"fmt"
	"net/http"
	"net/url"

	"example.com/identityd/internal/identity"
)

type signedOutPage struct{ layout }

// signOut ends the session of this browser by way of Kratos' own logout.
func (u *UI) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := u.csrf.check(w, r, purposeSignOut, ""); err != nil {
		return err
	}
	done := u.to("/account/signed-out", nil)
	address, err := u.cfg.Flows.LogoutURL(r.Context(), cookies(r), done)
	if isCode(err, identity.NoSession) {
		return redirect(w, done)
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

func (u *UI) signedOut(w http.ResponseWriter, r *http.Request) error {
	page := signedOutPage{u.layout(r, "You are signed out")}
	return render(w, http.StatusOK, u.pages.SignedOut, page)
}
