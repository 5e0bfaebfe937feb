package ui

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"example.com/identityd/internal/identity"
)

// flowPage shows one self-service flow of any kind: Kratos says which fields it has.
type flowPage struct {
	layout
	Heading string
	App     string // the application that asked for this, or empty
	Account string // who is asked to prove it, when that is not to be typed
	// SignedIn says whether Account was proved before, and has to be once more.
	SignedIn bool
	Alert    alert
	Notices  []notice
	Forms    []form
	Switch   []switchLink
}

// switchLink leads to the sibling flow: "New here? Create an account".
type switchLink struct{ Question, Label, Href string }

// flow serves one kind of flow. Without an id in the query it starts one at Kratos, which comes
// back here with the id.
func (u *UI) flow(kind identity.FlowKind) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		query := r.URL.Query()
		if query.Get(restartParam) != "" {
			return u.afterCookieCheck(w, r, kind)
		}
		id := query.Get("flow")
		if id == "" {
			params, err := passOn(query)
			if err != nil {
				return err
			}
			return redirect(w, u.start(kind, params))
		}
		if !validID(id) {
			return u.restart(w, r, kind, "")
		}
		f, err := u.cfg.Flows.Flow(r.Context(), kind, id, cookies(r))
		if err != nil {
			return u.flowFailed(w, r, kind, err)
		}
		return u.showFlow(w, r, kind, f)
	}
}

// start returns where Kratos begins a flow.
func (u *UI) start(kind identity.FlowKind, params url.Values) string {
	address := u.at.kratos.String() + "/self-service/" + string(kind) + "/browser"
	if len(params) > 0 {
		address += "?" + params.Encode()
	}
	return address
}

func (u *UI) showFlow(
	w http.ResponseWriter, r *http.Request, kind identity.FlowKind, f *identity.Flow,
) error {
	action, err := url.Parse(f.UI.Action)
	if err != nil || !sameOrigin(action, u.at.kratos) {
		// A password must go to Kratos and nowhere else.
		return fmt.Errorf("checking the form of a flow: its action is not at %s", origin(u.at.kratos))
	}
	rendered := renderForms(f)
	page := flowPage{
		layout:   u.layout(title(kind, f)),
		Heading:  title(kind, f),
		Account:  hiddenIdentifier(f.UI.Nodes),
		SignedIn: signedIn(f),
		Alert:    rendered.alert,
		Notices:  notices(f.UI.Messages),
		Forms:    rendered.forms,
		Switch:   u.siblings(kind, f),
	}
	if f.LoginRequest != nil {
		page.App = clientName(f.LoginRequest.Client)
	}
	u.setCSP(w, u.leaves(f))
	u.endRestart(w, r)
	return render(w, http.StatusOK, u.pages.Flow, page)
}

// leaves says whether the redirects behind the form of a flow may end at a foreign origin: the
// application of a challenge, a return address, a social provider.
func (u *UI) leaves(f *identity.Flow) bool {
	if challengeOf(f) != "" || f.ReturnTo != "" && !u.ours(f.ReturnTo) {
		return true
	}
	for _, node := range f.UI.Nodes {
		if isSocial(node.Group) {
			return true
		}
	}
	return false
}

func challengeOf(f *identity.Flow) string {
	if f.LoginChallenge == "" && f.LoginRequest != nil {
		return f.LoginRequest.Challenge
	}
	return f.LoginChallenge
}

func title(kind identity.FlowKind, f *identity.Flow) string {
	switch {
	case kind == identity.Registration:
		return "Create your account"
	case isSecondFactor(f):
		return "One more step"
	case f.Refresh:
		return "Confirm it is you"
	default:
		return "Sign in"
	}
}

// siblings links sign-in and sign-up, and keeps the application that waits at the end.
func (u *UI) siblings(kind identity.FlowKind, f *identity.Flow) []switchLink {
	params := url.Values{}
	if challenge := challengeOf(f); validChallenge(challenge) {
		params.Set("login_challenge", challenge)
	}
	if validReturnTo(f.ReturnTo) {
		params.Set("return_to", f.ReturnTo)
	}
	switch {
	case kind == identity.Registration:
		return []switchLink{{"Already have an account?", "Sign in", u.to("/login", params)}}
	case signedIn(f):
		return nil
	default:
		return []switchLink{{"New here?", "Create an account", u.to("/registration", params)}}
	}
}

func isSecondFactor(f *identity.Flow) bool { return strings.EqualFold(f.RequestedAAL, "aal2") }

// signedIn says whether a login flow asks somebody who is signed in already.
func signedIn(f *identity.Flow) bool { return f.Refresh || isSecondFactor(f) }

func hiddenIdentifier(nodes []identity.Node) string {
	for _, node := range nodes {
		if node.Attributes.Name == "identifier" && node.Attributes.Type == "hidden" {
			return plain(valueText(node.Attributes.Value), maxName)
		}
	}
	return ""
}
