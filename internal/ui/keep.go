package ui

import (
	"net/http"
	"slices"

	"example.com/identityd/internal/identity"
)

// offerToKeep puts the choice to stay signed in into every form that begins a session, and shows it in one:
// a script hands it to the others, and without one each shows its own. It is not ticked beforehand: the
// device may be anybody's.
func (u *UI) offerToKeep(r *http.Request, kind identity.FlowKind, f *identity.Flow, forms []form) {
	begins := kind == identity.Registration || kind == identity.Login && !signedIn(kind, f)
	if u.cfg.Remember != identity.RememberOffered || !begins {
		return
	}
	main := slices.IndexFunc(forms, func(each form) bool {
		return slices.ContainsFunc(each.Buttons, func(b button) bool { return b.Primary })
	})
	for i := range forms {
		if !forms[i].Again {
			forms[i].Keep, forms[i].Kept, forms[i].KeepFollows = true, u.cfg.Remember.Keeps(r), i != max(main, 0)
		}
	}
}
