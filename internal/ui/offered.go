package ui

import (
	"net/http"

	"example.com/identityd/internal/identity"
)

// offers says whether Kratos has a flow switched on.
func (u *UI) offers(kind identity.FlowKind) bool {
	switch kind {
	case identity.Registration:
		return u.cfg.Registration
	case identity.Recovery:
		return u.cfg.Recovery
	case identity.Verification:
		return u.cfg.Verification
	case identity.Settings:
		return u.cfg.Settings
	default:
		return true
	}
}

// notOffered answers for a flow that is switched off. Kratos would answer with an error that is
// written for developers.
func (u *UI) notOffered(w http.ResponseWriter, r *http.Request, kind identity.FlowKind) error {
	say, p := u.printer(r), problem{status: http.StatusForbidden}
	switch kind {
	case identity.Registration:
		p.title = say.Text("Sign-up is closed")
		p.sentence = say.Text("New accounts are made by the people who run %s.", u.cfg.Brand.Name)
		p.next = say.Text("If you have an account already, sign in with it.")
		// Whoever came from an application is still to end there.
		params, err := u.passOn(kind, r.URL.Query())
		if err != nil {
			return err
		}
		p.action = link{say.Text("Sign in"), u.to("/login", params)}
	case identity.Recovery:
		p.title = say.Text("Passwords cannot be replaced here")
		p.sentence = say.Text("Please ask the people who run %s for help.", u.cfg.Brand.Name)
	case identity.Verification:
		p.title = say.Text("There is nothing to verify")
		p.sentence = say.Text("Addresses are not verified here.")
	default:
		p.title = say.Text("Accounts cannot be changed here")
		p.sentence = say.Text("Please ask the people who run %s for help.", u.cfg.Brand.Name)
	}
	u.fail(w, r, p)
	return nil
}
