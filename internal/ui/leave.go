package ui

import (
	"net/http"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/locale"
)

// leave is the way out of a page that takes somebody for who they are not. Where a session stands behind
// it, that has to end first, which a link must not do.
type leave struct {
	Href       string
	CSRF, Then string
}

// useAnother returns the way to another account, where the page shows one.
func (u *UI) useAnother(w http.ResponseWriter, r *http.Request, kind identity.FlowKind, f *identity.Flow) *leave {
	if kind != identity.Login {
		return nil
	}
	to := u.to("/login", params(kind, f))
	switch {
	case signedIn(kind, f) && f.LoginRequest != nil:
		return nil // the application is kept along (continue.go)
	case signedIn(kind, f):
		return &leave{CSRF: u.csrf.token(w, r, purposeSwitch, to), Then: to}
	case hiddenIdentifier(f.UI.Nodes) != "":
		return &leave{Href: to}
	default:
		return nil
	}
}

// helpLink returns where somebody gets on who has no second factor at hand.
func (u *UI) helpLink(kind identity.FlowKind, f *identity.Flow) string {
	if kind != identity.Login || !isSecondFactor(f) {
		return ""
	}
	return u.to(helpPath, params(kind, f))
}

// messageLink tells that somebody came from a provider whose address belongs to an account here (Kratos:
// text/id.go): they prove that it is theirs, and are connected.
const messageLink = 1010016

// cancelLinking is the way out of that.
func (u *UI) cancelLinking(p *locale.Printer, kind identity.FlowKind, f *identity.Flow) []switchLink {
	return []switchLink{{
		p.Text("Not what you wanted?"), p.Text("Cancel and sign in another way"), u.to("/login", params(kind, f)),
	}}
}

// knowAccount fills in who is asked to prove it again. With codes by mail switched on, Kratos asks somebody
// for their name whom it knows (docs/ory-quirks.md#q60).
func (u *UI) knowAccount(r *http.Request, kind identity.FlowKind, f *identity.Flow) {
	if kind != identity.Login || !f.Refresh {
		return
	}
	for i := range f.UI.Nodes {
		attr := &f.UI.Nodes[i].Attributes
		if attr.Name != "identifier" || attr.Type == "hidden" || valueText(attr.Value) != "" {
			continue
		}
		session, err := u.cfg.Sessions.Whoami(r.Context(), cookies(r))
		if err != nil {
			return
		}
		for _, trait := range []string{"email", "username"} {
			if value, ok := session.Identity.Traits[trait].(string); ok && value != "" {
				attr.Value = value
				break
			}
		}
	}
}
