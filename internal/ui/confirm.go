package ui

import (
	"net/http"
	"net/url"

	"example.com/identityd/internal/identity"
)

// ConfirmPath is where the links of mails lead.
const ConfirmPath = "/account/confirm"

// confirmPage asks for one click more than the link of a mail: programs that look at mail follow links.
type confirmPage struct {
	layout
	Recovery bool
	Action   string
	Token    string
}

// confirm shows what the link of a mail is for. Nothing is used up before the button is pressed. The flow may
// have been begun in another browser, so that the token alone counts.
func (u *UI) confirm(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	kind := identity.FlowKind(query.Get("kind"))
	id, token := query.Get("flow"), query.Get("token")
	if kind != identity.Recovery && kind != identity.Verification || !validID(id) || token == "" || len(token) > 128 ||
		!u.offers(kind) {
		return &identity.Error{
			Code:    identity.BadRequest,
			Message: "This link is not complete. Copy the whole link from the mail, or ask for a new one.",
		}
	}
	p := u.printer(r)
	title := p.Text("Confirm your address")
	if kind == identity.Recovery {
		title = p.Text("Get back into your account")
	}
	// Behind it may be the application that the sign-up was for.
	u.setCSP(w, true)
	return render(w, http.StatusOK, u.pages.Confirm, confirmPage{
		layout:   u.layoutOf(r, title),
		Recovery: kind == identity.Recovery,
		Action:   u.at.kratos.String() + "/self-service/" + string(kind) + "?" + url.Values{"flow": {id}}.Encode(),
		Token:    token,
	})
}
