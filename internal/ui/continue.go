package ui

import (
	"net/http"
	"time"

	"example.com/identityd/internal/identity"
)

const continuePath = "/account/continue"

// continueTo begins again what an application asked for, and the sign-in that there is by now answers it.
func (u *UI) continueTo(w http.ResponseWriter, r *http.Request) error {
	key := r.URL.Query().Get("app")
	for _, app := range u.apps(r) {
		if key != "" && app.key() != key || key == "" && app.Done {
			continue
		}
		to := app.URL
		session, err := u.cfg.Sessions.Whoami(r.Context(), cookies(r))
		if err == nil && !future(session.AuthenticatedAt) && !session.AuthenticatedAt.Before(time.Unix(app.Asked, 0)) {
			// Who signed in after the application asked has done what its prompts want.
			to = withoutPrompts(to)
		}
		return redirect(w, to)
	}
	return u.nothingWaits(w, r)
}

// nothingWaits tells somebody who is back that the application has to be found by hand.
func (u *UI) nothingWaits(w http.ResponseWriter, r *http.Request) error {
	say := u.printer(r)
	p := problem{
		status:   http.StatusNotFound,
		title:    say.Text("Please go back to the application"),
		sentence: say.Text("We do not know any more which application you came from."),
		next:     say.Text("Open it again and choose to sign in there."),
	}
	session, err := u.cfg.Sessions.Whoami(r.Context(), cookies(r))
	switch {
	case err == nil:
		p.title = say.Text("You are signed in")
		p.next = say.Text("Open it again and choose to sign in: you will not have to enter anything.")
		p.details = []detail{{say.Text("Account"), accountName(session.Identity)}}
	case !isCode(err, identity.NoSession) && !isCode(err, identity.AALRequired):
		return err
	}
	u.fail(w, r, p)
	return nil
}

// tooLate answers for a challenge that has expired: what the application asked is begun again, if this
// browser asked it.
func (u *UI) tooLate(w http.ResponseWriter, r *http.Request, challenge string, err error) error {
	for _, app := range u.apps(r) {
		if app.Challenge == digest(challenge) {
			return redirect(w, u.onwardTo(app))
		}
	}
	return err
}
