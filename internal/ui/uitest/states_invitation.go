package uitest

import (
	"context"
	"time"

	"example.com/identityd/internal/identity"
)

// Invitation implements ui.Invitations.
func (e engines) Invitation(context.Context, string) (identity.Invitation, bool, error) {
	w := e.stage.world()
	i, err := answer(w, w.Invitation, identity.NotFound)
	if err != nil {
		return identity.Invitation{}, false, err
	}
	return *i, w.Taken, nil
}

// AcceptInvitation implements ui.Invitations.
func (e engines) AcceptInvitation(context.Context, string, string) error { return nil }

// invitationStates are the page behind the link of an invitation, and what a sign-up looks like with one.
func invitationStates() []State {
	const route, target = "GET /invitation", "/invitation"
	with := func(signedIn, taken bool, change func(*identity.Invitation)) func(*World) {
		return func(w *World) {
			i := identity.Invitation{
				ID: "i", Address: "invited@northwind.example", Groups: []string{"staff", "warehouse"}, Client: "calendar", Expires: time.Now().Add(72 * time.Hour),
			}
			if signedIn {
				i.Address = "anna@example.com"
			} else if w.Session != nil && taken {
				w.Session = nil
			}
			change(&i)
			w.Invitation, w.Taken = &i, taken
		}
	}
	asIs := func(*identity.Invitation) {}
	stranger := func(of func(*World)) func(*World) { return func(w *World) { w.Session = nil; of(w) } }
	fields := append(traits("password", "", ""), password("new-password"), submit("password", "password", 1040001, "Sign up"))
	wrongOne := append(traits("oidc", "", ""), submit("oidc", "google", 1040003, "Continue"))
	wrongOne[0] = wrong(wrongOne[0], 4000001, "the value is not the address that was invited")
	invited := func(f *identity.Flow) func(*World) {
		return func(w *World) { stranger(with(false, false, asIs))(w); w.Flow = f }
	}
	return []State{
		{Name: "invitation", Route: route, Target: target, World: stranger(with(false, false, asIs))},
		{Name: "invitation-plain", Route: route, Target: target, World: stranger(with(false, false, func(i *identity.Invitation) { i.Client, i.Groups = "", nil }))},
		{Name: "invitation-taken", Route: route, Target: target, World: with(false, true, asIs)},
		{Name: "invitation-accept", Route: route, Target: target, World: with(true, true, asIs)},
		{Name: "invitation-other", Route: route, Target: target, World: with(false, false, asIs)},
		{Name: "invitation-done", Route: route, Target: target, World: with(true, false, func(i *identity.Invitation) { i.Used, i.By = time.Now(), session().Identity.ID })},
		{Name: "invitation-used", Route: route, Target: target, Status: 410, World: stranger(with(false, false, func(i *identity.Invitation) { i.Used, i.By = time.Now(), "else" }))},
		{Name: "invitation-withdrawn", Route: route, Target: target, Status: 410, World: stranger(with(false, false, func(i *identity.Invitation) { i.Revoked = time.Now() }))},
		{Name: "invitation-expired", Route: route, Target: target, Status: 410, World: stranger(with(false, false, func(i *identity.Invitation) { i.Expires = time.Now().Add(-time.Hour) }))},
		{Name: "invitation-unknown", Route: route, Target: target, Status: 404, World: func(w *World) { w.Session = nil }},
		{Name: "signup-invited", Route: "GET /registration", Target: "/registration?flow=f", World: invited(flow(fields...))},
		{Name: "signup-invited-wrong", Route: "GET /registration", Target: "/registration?flow=f", World: invited(flow(wrongOne...))},
		{Name: "signup-by-invitation", Route: "GET /error", Target: "/error?id=e1", Status: 403, World: func(w *World) {
			w.Session, w.FlowError = nil, &identity.FlowError{ID: "e1", Kind: "identityd_invitation_required", Status: 403, Reason: "Accounts are made by invitation here: begin with the link of one."}
		}},
	}
}
