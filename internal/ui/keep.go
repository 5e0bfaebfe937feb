package ui

import (
	"net/http"

	"example.com/identityd/internal/identity"
)

// offerToKeep puts the choice to stay signed in into every form that begins a session. It is not ticked
// beforehand: the device may be anybody's.
func (u *UI) offerToKeep(r *http.Request, kind identity.FlowKind, f *identity.Flow, forms []form) {
	begins := kind == identity.Registration || kind == identity.Login && !signedIn(kind, f)
	if u.cfg.Remember != identity.RememberOffered || !begins {
		return
	}
	for i := range forms {
		if !forms[i].Again {
			forms[i].Keep, forms[i].Kept = true, u.cfg.Remember.Keeps(r)
		}
	}
}
