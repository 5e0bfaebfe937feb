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
	p := problem{status: http.StatusForbidden}
	switch kind {
	case identity.Registration:
		p.title = "Sign-up is closed"
		p.sentence = "New accounts are made by the people who run " + u.cfg.Brand.Name + "."
		p.next = "If you have an account already, sign in with it."
		// Whoever came from an application is still to end there.
		params, err := u.passOn(kind, r.URL.Query())
		if err != nil {
			return err
		}
		p.action = link{"Sign in", u.to("/login", params)}
	case identity.Recovery:
		p.title = "Passwords cannot be replaced here"
		p.sentence = "Please ask the people who run " + u.cfg.Brand.Name + " for help."
	case identity.Verification:
		p.title = "There is nothing to verify"
		p.sentence = "Addresses are not verified here."
	default:
		p.title = "Accounts cannot be changed here"
		p.sentence = "Please ask the people who run " + u.cfg.Brand.Name + " for help."
	}
	u.fail(w, r, p)
	return nil
}
