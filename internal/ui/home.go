package ui

import (
	"net/http"

	"example.com/identityd/internal/identity"
)

type homePage struct {
	layout
	SignedIn bool
	Account  string
	CSRF     string
	// Registration and Settings say whether there is something to link to.
	Registration, Settings bool
	Inbox                  string
}

func (u *UI) home(w http.ResponseWriter, r *http.Request) error {
	session, err := u.cfg.Sessions.Whoami(r.Context(), cookies(r))
	if isCode(err, identity.NoSession) {
		page := homePage{layout: u.layout(r, "Welcome"), Registration: u.cfg.Registration}
		page.Inbox = u.inboxLink()
		page.Onward = u.onward(r)
		return render(w, http.StatusOK, u.pages.Home, page)
	}
	if isCode(err, identity.AALRequired) {
		return redirect(w, "/login?aal=aal2")
	}
	if err != nil {
		return err
	}
	if u.mustEnroll(session) {
		return redirect(w, u.to(EnrollPath, nil))
	}
	page := homePage{
		layout:   u.layout(r, "Your account"),
		SignedIn: true,
		Account:  accountName(session.Identity),
		CSRF:     u.csrf.token(w, r, purposeSignOut, ""),
		Settings: u.cfg.Settings,
		Inbox:    u.inboxLink(),
	}
	page.Onward = u.onward(r)
	return render(w, http.StatusOK, u.pages.Home, page)
}

// accountName returns what a person recognizes their account by.
func accountName(person identity.Identity) string {
	for _, trait := range []string{"email", "username", "phone", "name"} {
		if value, ok := person.Traits[trait].(string); ok {
			if value = plain(value, maxName); value != "" {
				return value
			}
		}
	}
	for _, address := range person.VerifiableAddresses {
		if value := plain(address.Value, maxName); value != "" {
			return value
		}
	}
	return plain(person.ID, maxName)
}
