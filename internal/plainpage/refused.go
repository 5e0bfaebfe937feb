package plainpage

import (
	"net/http"

	"example.com/identityd/internal/locale"
)

// Refused is why somebody who is signed in may not open an application.
type Refused struct {
	Why Why
	// Account is how they are called.
	Account string
	// Other is where another account is chosen, Mend where it can be mended; empty where it cannot.
	Other, Mend string
}

// Why is the reason.
type Why int

// The reasons.
const (
	// NotIn a group that may.
	NotIn Why = iota
	// NoSecond step is set up.
	NoSecond
	// Unverified address.
	Unverified
)

// Link leads on from a page.
type Link struct{ Label, Href string }

// Refuse answers 403 with a page that says so, and reports whether it did, as Write does.
func Refuse(w http.ResponseWriter, r *http.Request, of Refused, requestID string) bool {
	return render(w, r, http.StatusForbidden, func(say *locale.Printer) data {
		d := data{Request: requestID}
		var mend string
		switch of.Why {
		case NoSecond:
			d.Title, d.Sentence = say.Text("A second step is needed"), say.Text("This page asks for a second step at sign-in, and the account has none yet.")
			mend = say.Text("Set up a second step")
		case Unverified:
			d.Title, d.Sentence = say.Text("Verify your address"), say.Text("This page asks for an address that is verified, and that of the account is not yet.")
			mend = say.Text("Verify your address")
		default:
			d.Title, d.Sentence = say.Text("This page is not for this account"), say.Text("If you need it, ask the people who run it to let you in.")
		}
		if of.Mend != "" && mend != "" {
			d.Links = append(d.Links, Link{mend, of.Mend})
		}
		d.Links = append(d.Links, Link{say.Text("Use another account"), of.Other})
		if of.Account != "" {
			d.SignedIn = say.Text("You are signed in as %s.", of.Account)
		}
		return d
	})
}
