package ui

import (
	"net/http"

	"example.com/identityd/internal/identity"
)

// homePage is the start page of somebody who is not signed in.
type homePage struct {
	layout
	// Registration says whether there is something to link to.
	Registration bool
	Inbox        string
}

func (u *UI) home(w http.ResponseWriter, r *http.Request) error {
	_, err := u.cfg.Sessions.Whoami(r.Context(), cookies(r))
	switch {
	case err == nil, isCode(err, identity.AALRequired):
		return redirect(w, u.to(accountPath, nil)) // which asks for the second step, if need be
	case !isCode(err, identity.NoSession):
		return err
	}
	page := homePage{
		layout: u.layout(r, "Welcome"), Registration: u.signsUp(r), Inbox: u.inboxLink(),
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
