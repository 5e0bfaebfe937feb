package ui

import (
	"net/http"

	"example.com/identityd/internal/identity"
)

// openedElsewhere explains why a link with a code does not work in this browser: the flow belongs to the
// one that asked for it. The code is shown, so that it can be typed there.
func (u *UI) openedElsewhere(w http.ResponseWriter, r *http.Request, kind identity.FlowKind, code string) error {
	p := u.printer(r)
	u.fail(w, r, problem{
		status:   http.StatusForbidden,
		title:    p.Text("This was opened in another browser"),
		sentence: p.Text("A code works only in the browser in which it was asked for."),
		next:     p.Text("Enter it there, or have a new one sent for this browser."),
		details:  []detail{{p.Text("Code"), code}},
		action:   link{p.Text("Send a new one"), u.to("/"+string(kind), nil)},
	})
	return nil
}
