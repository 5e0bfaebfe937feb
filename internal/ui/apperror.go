package ui

import (
	"errors"
	"net/http"

	"example.com/identityd/internal/identity"
)

// appFailed explains why an application's request could not be fulfilled. Whoever is signed in is told so:
// the fault is not in their password. The application is looked up by the id that Hydra's front puts into
// the address; a name that is not registered is never shown.
func (u *UI) appFailed(r *http.Request, p problem) problem {
	say := u.printer(r)
	if id := r.URL.Query().Get("client_id"); id != "" && len(id) <= 255 && p.status < http.StatusInternalServerError {
		// Not knowing is no reason to fail once more.
		if client, err := u.cfg.OAuth2.Client(r.Context(), id); err == nil {
			name := clientName(*client)
			p.details = append([]detail{{say.Text("Application"), name}}, p.details...)
			if site := secureLink(client.URI); site != "" {
				p.action = link{say.Text("Back to %s", name), site}
			}
		}
	}
	if cookies(r) == "" {
		return p
	}
	if session, err := u.cfg.Sessions.Whoami(r.Context(), cookies(r)); err == nil {
		p.account = accountName(session.Identity)
	}
	return p
}

// beginAgain is where a request that was answered already starts over, as Hydra tells it.
func (u *UI) beginAgain(r *http.Request, p problem, err error) problem {
	var known *identity.Error
	if p.action.Href == "" && errors.As(err, &known) && u.begins(known.RedirectTo) {
		p.action = link{u.printer(r).Text("Start again"), known.RedirectTo}
	}
	return p
}
