package uitest

import "example.com/identityd/internal/ui"

// signOutStates are the pages on the way out. That of FormPost is none of the table: it is shown at the
// address of the authorization server.
func signOutStates() []State {
	stranger := func(w *World) { w.Session = nil }
	return []State{
		{Name: "sign-out", Route: "GET /account/logout", Target: "/account/logout"},
		{Name: "signing-out", Route: "GET /account/signing-out", World: stranger, Sealed: func(u *ui.UI) string {
			return u.Leaving("https://notes.example/bye", []string{"https://notes.example/frame?iss=x&sid=y"})
		}},
		{Name: "signing-out-forged", Route: "GET /account/signing-out", Target: "/account/signing-out?t=x", World: stranger, Status: 400},
		{Name: "signed-out", Route: "GET /account/signed-out", Target: "/account/signed-out", World: stranger},
		{Name: "signed-out-everywhere", Route: "GET /account/signed-out", Target: "/account/signed-out?everywhere=1", World: stranger},
		{Name: "stayed", Route: "GET /account/stayed", Target: "/account/stayed"},
	}
}
