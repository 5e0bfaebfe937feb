package ui

import (
	"net/http"
	"net/url"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/locale"
)

// addressNotVerified is the number of Kratos' refusal to sign in before an address is verified.
const addressNotVerified = 4000010

// siblings links the flows to each other, and keeps the application that waits at the end.
func (u *UI) siblings(r *http.Request, kind identity.FlowKind, f *identity.Flow) []switchLink {
	p := u.printer(r)
	switch {
	case kind == identity.Registration && hasFixed(f) && !u.cfg.ByInvitation:
		return []switchLink{
			{p.Text("Already have an account?"), p.Text("Sign in"), u.signIn(kind, f)},
			{p.Text("Another address?"), p.Text("Sign up without the invitation"), u.to(withoutPath, params(kind, f))},
		}
	case kind == identity.Login && hasMessage(f, messageLink):
		return u.cancelLinking(p, kind, f)
	case kind == identity.Registration:
		return []switchLink{{p.Text("Already have an account?"), p.Text("Sign in"), u.signIn(kind, f)}}
	case kind == identity.Recovery:
		return []switchLink{{p.Text("Remembered it?"), p.Text("Sign in"), u.signIn(kind, f)}}
	case kind == identity.Verification && f.State == stateSent && sentTo(f) == "":
		// After a sign-up Kratos offers no button to send the mail again.
		return []switchLink{{
			p.Text("Nothing arrived?"), p.Text("Send it again"),
			u.to("/verification", url.Values{"return_to": {u.signIn(kind, f)}}),
		}}
	case kind == identity.Verification:
		return []switchLink{{p.Text("Done already?"), p.Text("Sign in"), u.signIn(kind, f)}}
	case signedIn(kind, f) || !u.signsUp(r):
		return nil
	default:
		return []switchLink{{
			p.Text("New here?"), p.Text("Create an account"), u.to("/registration", params(kind, f)),
		}}
	}
}

// params returns what the sibling of a flow is started with.
func params(kind identity.FlowKind, f *identity.Flow) url.Values {
	out := url.Values{}
	if challenge := challengeOf(kind, f); validChallenge(challenge) {
		out.Set("login_challenge", challenge)
	}
	if validReturnTo(f.ReturnTo) {
		out.Set("return_to", f.ReturnTo)
	}
	return out
}

// signIn returns where a person signs in after or instead of a flow. Recovery and verification keep
// a sign-in that waits as their return address.
func (u *UI) signIn(kind identity.FlowKind, f *identity.Flow) string {
	if to, err := url.Parse(f.ReturnTo); err == nil && validReturnTo(f.ReturnTo) &&
		isWeb(to) && sameOrigin(to, u.at.ui) && to.Path == u.at.ui.Path+"/login" {
		return f.ReturnTo
	}
	return u.to("/login", params(kind, f))
}

// resume is how a flow that knows no challenges comes back to a sign-in: as its return address.
func (u *UI) resume(login url.Values) url.Values {
	if len(login) == 0 {
		return nil
	}
	if !login.Has("login_challenge") {
		return login
	}
	return url.Values{"return_to": {u.to("/login", login)}}
}

// forgot returns where a forgotten password is replaced.
func (u *UI) forgot(kind identity.FlowKind, f *identity.Flow) string {
	if kind != identity.Login || !u.cfg.Recovery || signedIn(kind, f) {
		return ""
	}
	return u.to("/recovery", u.resume(params(kind, f)))
}

// verifyFirst is the way on for a person whose address has to be verified before they may sign in.
func (u *UI) verifyFirst(p *locale.Printer, kind identity.FlowKind, f *identity.Flow) *link {
	if kind != identity.Login || !u.cfg.Verification || !hasMessage(f, addressNotVerified) {
		return nil
	}
	// Without the return address Kratos would end the verification at the start page.
	back := url.Values{"return_to": {u.to("/login", params(kind, f))}}
	return &link{p.Text("Verify your address"), u.to("/verification", back)}
}

func hasMessage(f *identity.Flow, id int64) bool {
	for _, m := range f.UI.Messages {
		if m.ID == id {
			return true
		}
	}
	return false
}

// showPassed ends a recovery or a verification. There is no form any more: its action would be the
// return address.
func (u *UI) showPassed(
	w http.ResponseWriter, r *http.Request, kind identity.FlowKind, f *identity.Flow,
) error {
	p := u.printer(r)
	page := flowPage{
		layout: u.layoutOf(r, title(p, kind, f)), Heading: title(p, kind, f), Lead: lead(p, kind, f),
		Done: true, Action: &link{p.Text("Continue"), u.to("/", nil)},
		Notices: notices(p, f.UI.Messages),
	}
	if kind == identity.Recovery && u.cfg.Settings {
		page.Action = &link{p.Text("Choose a new password"), u.to("/settings", nil)}
	}
	for _, node := range f.UI.Nodes {
		if node.Type != "a" {
			continue
		}
		// Kratos checked the return address against its list when the flow was made.
		if next := newLinkRow(p, node); next != nil {
			page.Action = next
		}
	}
	page.Onward = u.onwardBeside(r, kind, f)
	return render(w, http.StatusOK, u.pages.Flow, page)
}
