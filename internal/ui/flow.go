package ui

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"example.com/identityd/internal/identity"
)

// flowPage shows one self-service flow of any kind but settings: Kratos says which fields it has.
type flowPage struct {
	layout
	Heading string
	Lead    string
	App     string // the application that asked for this, or empty
	Account string // who is asked to prove it, when that is not to be typed
	// SignedIn says whether Account was proved before, and has to be once more.
	SignedIn bool
	// Done flows have nothing left to fill in; Action is the way on.
	Done    bool
	Alert   alert
	Action  *link
	Notices []notice
	Forms   []form
	// Triggers is set where a button calls a script, which says here what went wrong.
	Triggers bool
	Forgot   string // where a forgotten password is replaced, or empty
	Inbox    string // where mail is read in development, or empty
	Switch   []switchLink
	// Badge has the logo of that application, if there is one.
	Badge badge
	// Then and SwitchCSRF lead to the same application with another account.
	Then, SwitchCSRF string
	// Leave leads to another account, and Help on without a second factor.
	Leave *leave
	Help  string
	// RequestID is shown where something was refused, for those who ask for help.
	RequestID string
}

// switchLink leads to the sibling flow: "New here? Create an account".
type switchLink struct{ Question, Label, Href string }

// flow serves one kind of flow. Without an id in the query it starts one at Kratos, which comes
// back here with the id.
func (u *UI) flow(kind identity.FlowKind) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		query := r.URL.Query()
		if !u.offers(kind) {
			return u.notOffered(w, r, kind)
		}
		if query.Get(restartParam) != "" {
			return u.afterCookieCheck(w, r, kind)
		}
		id := query.Get("flow")
		challenge := query.Get("login_challenge")
		if id == "" && kind == identity.Registration && !u.signsUp(r) {
			return u.notInvited(w, r)
		}
		if id == "" && challenge != "" && r.Method == http.MethodGet &&
			(kind == identity.Login || kind == identity.Registration) {
			return u.arrive(w, r, kind, challenge)
		}
		if id == "" {
			params, err := u.passOn(kind, query)
			if err != nil {
				return err
			}
			if kind == identity.Login {
				if asked, err := u.chooseAtLogin(w, r, params); asked {
					return err
				}
			}
			return redirect(w, u.start(r, kind, params))
		}
		if !validID(id) {
			return u.restart(w, r, kind, "")
		}
		f, err := u.cfg.Flows.Flow(r.Context(), kind, id, cookies(r))
		if code := query.Get("code"); isCode(err, identity.Forbidden) && validCode(code) {
			return u.openedElsewhere(w, r, kind, code)
		}
		if err != nil {
			return u.flowFailed(w, r, kind, err)
		}
		restarted := u.endRestart(w, r)
		if kind == identity.Login && !signedIn(kind, f) && f.State != statePassed {
			// The back button after signing in, or a tab that was left open.
			if asked, err := u.chooseAtLogin(w, r, params(kind, f)); asked {
				return err
			}
			if challenge := challengeOf(kind, f); challenge != "" && u.signedInHere(r) != nil {
				return redirect(w, u.to("/login", url.Values{"login_challenge": {challenge}}))
			}
		}
		u.tellMessages(r, f)
		u.remember(w, r, kind, f)
		if restarted {
			f.UI.Messages = append(f.UI.Messages, identity.Message{
				Type: "info", Text: u.printer(r).Text("The earlier page could not be used any more, so this is a new one."),
			})
		}
		switch {
		case kind == identity.Settings:
			return u.showSettings(w, r, f)
		case f.State == statePassed:
			return u.showPassed(w, r, kind, f)
		}
		u.knowAccount(r, kind, f)
		u.prefill(r, kind, f)
		u.fillTyped(w, r, f)
		if kind == identity.Registration {
			if err := u.fixAddress(w, r, f); err != nil {
				return err
			}
		}
		return u.showFlow(w, r, kind, f)
	}
}

// start returns where Kratos begins a flow.
func (u *UI) start(r *http.Request, kind identity.FlowKind, params url.Values) string {
	if len(u.texts.Offered()) > 1 {
		if params == nil {
			params = url.Values{}
		}
		params.Set(langParam, u.printer(r).Lang())
	}
	address := u.at.kratos.String() + "/self-service/" + string(kind) + "/browser"
	if len(params) > 0 {
		address += "?" + params.Encode()
	}
	return address
}

func (u *UI) showFlow(
	w http.ResponseWriter, r *http.Request, kind identity.FlowKind, f *identity.Flow,
) error {
	if err := u.checkAction(f); err != nil {
		return err
	}
	p := u.printer(r)
	rendered := renderForms(p, f)
	u.unknownNodes(r, rendered.unknown)
	page := flowPage{
		layout:   u.layoutOf(r, title(p, kind, f)).with(rendered.script),
		Heading:  title(p, kind, f),
		Lead:     lead(p, kind, f),
		Account:  hiddenIdentifier(f.UI.Nodes),
		SignedIn: signedIn(kind, f),
		Alert:    rendered.alert,
		Action:   u.verifyFirst(p, kind, f),
		Notices:  notices(p, f.UI.Messages),
		Forms:    rendered.forms,
		Triggers: rendered.triggers,
		Forgot:   u.forgot(kind, f),
		Switch:   u.siblings(r, kind, f),
		Leave:    u.useAnother(w, r, kind, f),
		Help:     u.helpLink(kind, f),
	}
	if showsError(f) {
		page.RequestID = u.cfg.RequestID(r.Context())
	}
	page.Onward = u.onwardBeside(r, kind, f)
	if f.LoginRequest != nil {
		page.App = clientName(f.LoginRequest.Client)
		if signedIn(kind, f) {
			page.Then = u.to(continuePath, url.Values{"app": {appKey(f.LoginRequest.RequestURL)}})
			page.SwitchCSRF = u.csrf.token(w, r, purposeSwitch, page.Then)
		}
	}
	u.offerToKeep(r, kind, f, page.Forms)
	if f.State == stateSent {
		page.Inbox = u.inboxLink()
	}
	u.setCSP(w, u.leaves(kind, f))
	if f.LoginRequest != nil {
		page.Badge = u.badge(w, f.LoginRequest.Client)
	}
	return render(w, http.StatusOK, u.pages.Flow, page)
}

// checkAction refuses a form that is not posted to Kratos: a password must go there and nowhere
// else.
func (u *UI) checkAction(f *identity.Flow) error {
	action, err := url.Parse(f.UI.Action)
	if err != nil || !sameOrigin(action, u.at.kratos) {
		return fmt.Errorf("checking the form of a flow: its action is not at %s", origin(u.at.kratos))
	}
	return nil
}

// leaves says whether the redirects behind the form of a flow may end at a foreign origin: the
// application of a challenge, a return address, a social provider.
func (u *UI) leaves(kind identity.FlowKind, f *identity.Flow) bool {
	if challengeOf(kind, f) != "" || f.ReturnTo != "" && !u.staysAt(f.ReturnTo) {
		return true
	}
	for _, node := range f.UI.Nodes {
		if isSocial(node.Group) {
			return true
		}
	}
	return false
}

// staysAt says whether a return address is ours and ends there: the sign-in of a challenge goes on
// to the application without a click when nobody has to be asked.
func (u *UI) staysAt(returnTo string) bool {
	to, err := url.Parse(returnTo)
	return err == nil && u.ours(returnTo) && !to.Query().Has("login_challenge") &&
		!to.Query().Has("return_to")
}

// challengeOf returns the challenge that waits behind a flow. A verification that follows a sign-up
// hides it, but carries the sign-up's address (kratos: verification/flow.go NewPostHookFlow).
func challengeOf(kind identity.FlowKind, f *identity.Flow) string {
	switch {
	case f.LoginChallenge != "":
		return f.LoginChallenge
	case f.LoginRequest != nil:
		return f.LoginRequest.Challenge
	case kind == identity.Verification:
		if from, err := url.Parse(f.RequestURL); err == nil {
			return from.Query().Get("login_challenge")
		}
	}
	return ""
}

func isSecondFactor(f *identity.Flow) bool { return strings.EqualFold(f.RequestedAAL, "aal2") }

// signedIn says whether a login flow asks somebody who is signed in already.
func signedIn(kind identity.FlowKind, f *identity.Flow) bool {
	return kind == identity.Login && (f.Refresh || isSecondFactor(f))
}

func hiddenIdentifier(nodes []identity.Node) string {
	for _, node := range nodes {
		if node.Attributes.Name == "identifier" && node.Attributes.Type == "hidden" {
			return plain(valueText(node.Attributes.Value), maxName)
		}
	}
	return ""
}
