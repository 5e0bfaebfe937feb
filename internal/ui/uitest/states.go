package uitest

import (
	"net/http"
	"slices"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/ui"
)

// State is a page in one state.
type State struct {
	// Name is that of its pictures.
	Name string
	// Route is the row of the table of routes that it is of.
	Route string
	// Target is its address, without the origin.
	Target string
	// Sealed returns the address instead, whole, where it holds what only the pages can write.
	Sealed func(*ui.UI) string
	// Status is what it answers; 0 means 200.
	Status int
	// Shown answers instead of the pages, where a page is shown at the address of an engine. Route is empty then.
	Shown func(u *ui.UI, w http.ResponseWriter, r *http.Request)
	// World is what the engines say, when that is more than that Anna is signed in.
	World func(*World)
}

// States returns every page in every state. A route without one fails TestEveryRouteHasAState: add
// the new page to the function of its part, in as many states as it has faces.
func States() []State {
	return slices.Concat(signInStates(), secondFactorStates(), signUpStates(), invitationStates(), mailStates(), settingsStates(), oauthStates(), accountStates(), signOutStates(), waitStates(), otherStates())
}

// NoPages are the routes that answer with something else than a page of ours, and why.
func NoPages() map[string]string {
	return map[string]string{
		"GET /account":                                   "leads to /account/",
		"GET /account/inbox/{id}/html":                   "the HTML of a mail, for the frame on its page",
		"GET /account/continue":                          "goes on to an application, or to the start page",
		"GET /invitation/without":                        "forgets the invitation and begins a sign-up",
		"GET /account/language":                          "remembers a language and goes back",
		"GET /account/inbox-previews/{kind}/{lang}/html": "the same of a preview",
	}
}

func of(f *identity.Flow) func(*World) { return func(w *World) { w.Flow = f } }

// strangers is of, for a page that nobody signed in sees.
func strangers(f *identity.Flow) func(*World) {
	return func(w *World) { w.Flow, w.Session = f, nil }
}
