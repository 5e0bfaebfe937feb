package ui

import (
	"net/http"

	"example.com/identityd/internal/identity"
)

// unproved says whether applications have to wait until somebody has verified an address. Kratos asks at a
// sign-in; since then the address may have been changed in the settings, and the session lives on.
func (u *UI) unproved(person identity.Identity) bool {
	return u.cfg.VerifiedRequired && !person.Verified()
}

// askToVerify tells somebody so. A session that Hydra remembers is forgotten before: an application that asks in
// the background (prompt=none) learns that somebody has to sign in, rather than getting a page that nobody sees.
func (u *UI) askToVerify(w http.ResponseWriter, r *http.Request, request *identity.LoginRequest) error {
	if request.Skip {
		return u.forget(w, r, request)
	}
	say := u.printer(r)
	p, _ := knownProblem(say, u.cfg.Brand.Name, "session_verified_address_required", http.StatusForbidden)
	if !u.cfg.Verification {
		p.action = link{}
	}
	u.fail(w, r, p)
	return nil
}
