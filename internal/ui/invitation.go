package ui

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/locale"
)

// InvitationPath is where the links of invitations lead.
const InvitationPath = "/invitation"

// withoutPath is where somebody goes on without the invitation that this browser has.
const withoutPath = InvitationPath + "/without"

const (
	purposeInvitation = "invitation"
	// invitationMemory is how long a browser keeps an invitation at most: as long as people take for a sign-up with
	// a coffee in between.
	invitationMemory = 24 * time.Hour
)

// Invitations are who was invited.
type Invitations interface {
	// Invitation returns the one of a link, and whether its address has an account, or NotFound.
	Invitation(ctx context.Context, token string) (i identity.Invitation, taken bool, err error)
	// AcceptInvitation gives an account what an invitation brings; Gone or Forbidden say that it is not to be.
	AcceptInvitation(ctx context.Context, token, person string) error
}

// invitationPage says who is invited, and what to do next; exactly one of Next, Accept and Switch is set.
type invitationPage struct {
	layout
	Address string
	App     string // the application that the invitation is for, or empty
	Groups  string // what it brings, in one line
	Until   string
	// Taken says that the address has an account, Account who is signed in.
	Taken   bool
	Account string
	// Done says that the account of this browser has used it.
	Done bool
	Next *link
	// Accept and Switch are tokens of forms, Then is where a sign-out leads.
	Accept, Switch, Then string
}

// invitation shows what the link of an invitation is for. Nothing is used up by looking: programs that look at
// mail follow links. The token goes out of the address, into a cookie that Kratos' side of the process reads.
func (u *UI) invitation(w http.ResponseWriter, r *http.Request) error {
	if token := r.URL.Query().Get("token"); token != "" {
		i, _, err := u.cfg.Invitations.Invitation(r.Context(), token)
		if isCode(err, identity.NotFound) {
			return u.noInvitation(w, r, nil)
		}
		if err != nil {
			return err
		}
		if i.State(time.Now()) != identity.InvitationOpen && !u.used(r, i) {
			return u.noInvitation(w, r, &i)
		}
		u.keepInvitation(w, token, min(max(time.Until(i.Expires), time.Hour), invitationMemory))
		return redirect(w, u.to(InvitationPath, nil))
	}
	i, taken, err := u.cfg.Invitations.Invitation(r.Context(), invitationToken(r))
	if isCode(err, identity.NotFound) {
		return u.noInvitation(w, r, nil)
	}
	if err != nil {
		return err
	}
	return u.showInvitation(w, r, i, taken)
}

func (u *UI) showInvitation(w http.ResponseWriter, r *http.Request, i identity.Invitation, taken bool) error {
	session, err := u.cfg.Sessions.Whoami(r.Context(), cookies(r))
	if isCode(err, identity.AALRequired) {
		return redirect(w, u.to("/login", url.Values{"aal": {"aal2"}, "return_to": {u.to(InvitationPath, nil)}}))
	}
	if err != nil && !isCode(err, identity.NoSession) {
		return err
	}
	p := u.printer(r)
	page := invitationPage{
		layout: u.layout(r, "You are invited"), Address: plain(i.Address, maxName), Taken: taken, Until: p.Date(i.Expires),
		Groups: plain(strings.Join(i.Groups, ", "), maxSentence),
	}
	app, uri, err := u.invitedTo(r, i)
	if err != nil {
		return err
	}
	page.App = app
	switch {
	case i.State(time.Now()) != identity.InvitationOpen && (session == nil || i.By != session.Identity.ID):
		u.keepInvitation(w, "", 0)
		return u.noInvitation(w, r, &i)
	case i.State(time.Now()) != identity.InvitationOpen:
		u.keepInvitation(w, "", 0)
		page.layout, page.Done = u.layout(r, "You have accepted the invitation"), true
		page.Next = &link{p.Text("Continue"), u.to("/", nil)}
		if uri != "" {
			page.Next = &link{p.Text("Continue to %s", app), uri}
		}
	case session != nil && has(session.Identity, i.Address):
		page.Account, page.Accept = accountName(session.Identity), u.csrf.token(w, r, purposeInvitation, "")
	case session != nil:
		page.Account, page.Then = accountName(session.Identity), u.to(InvitationPath, nil)
		page.Switch = u.csrf.token(w, r, purposeSwitch, page.Then)
	case taken:
		page.Next = &link{p.Text("Sign in"), u.to("/login", url.Values{"return_to": {u.to(InvitationPath, nil)}})}
	case !u.cfg.Registration:
		return u.notOffered(w, r, identity.Registration)
	default:
		page.Next = &link{p.Text("Create your account"), u.to("/registration", url.Values{"return_to": {u.to(InvitationPath, nil)}})}
	}
	return render(w, http.StatusOK, u.pages.Invitation, page)
}

// acceptInvitation gives the account of this browser what the invitation brings.
func (u *UI) acceptInvitation(w http.ResponseWriter, r *http.Request) error {
	if err := u.csrf.check(w, r, purposeInvitation, ""); err != nil {
		return err
	}
	session, err := u.cfg.Sessions.Whoami(r.Context(), cookies(r))
	if isCode(err, identity.NoSession) || isCode(err, identity.AALRequired) {
		return redirect(w, u.to(InvitationPath, nil))
	}
	if err != nil {
		return err
	}
	err = u.cfg.Invitations.AcceptInvitation(r.Context(), invitationToken(r), session.Identity.ID)
	if err != nil && !isCode(err, identity.Gone) {
		return err
	}
	return redirect(w, u.to(InvitationPath, nil)) // which says what became of it
}

// withoutInvitation forgets the invitation in this browser: an account with another address is to be made.
func (u *UI) withoutInvitation(w http.ResponseWriter, r *http.Request) error {
	params, err := u.passOn(identity.Registration, r.URL.Query())
	if err != nil {
		return err
	}
	u.keepInvitation(w, "", 0)
	return redirect(w, u.to("/registration", params))
}

// noInvitation says that a link opens nothing, or nothing any more.
func (u *UI) noInvitation(w http.ResponseWriter, r *http.Request, i *identity.Invitation) error {
	say := u.printer(r)
	p := problem{status: http.StatusGone, next: say.Text("Ask whoever invited you for a new one.")}
	switch {
	case i == nil:
		p.status = http.StatusNotFound
		p.title = say.Text("This is no invitation")
		p.sentence = say.Text("Open the whole link of the mail that you got, and allow cookies for this site.")
		p.next = say.Text("If that does not help, ask whoever invited you for a new one.")
	case !i.Used.IsZero():
		p.title, p.next = say.Text("This invitation has been used"), ""
		p.sentence = say.Text("An invitation works once. If it was you, sign in with the account that you made.")
		p.action = link{say.Text("Sign in"), u.to("/login", nil)}
	case !i.Revoked.IsZero():
		p.title = say.Text("This invitation has been withdrawn")
		p.sentence = say.Text("The people who run %s have taken it back.", u.cfg.Brand.Name)
	default:
		p.title = say.Text("This invitation has expired")
		p.sentence = say.Text("It was good until %s.", say.Date(i.Expires))
	}
	u.tell(r, identity.Told{Cause: "page:invitation"})
	u.fail(w, r, p)
	return nil
}

// byInvitation is where somebody ends who wants to sign up and was not invited.
func byInvitation(say *locale.Printer, brand string) problem {
	return problem{
		status:   http.StatusForbidden,
		title:    say.Text("Sign-up is by invitation"),
		sentence: say.Text("The people who run %s invite those who may have an account. If you were invited, open the link of that mail.", brand),
		next:     say.Text("If you have an account already, sign in with it."),
		action:   link{say.Text("Sign in"), "/login"},
	}
}

// invitedTo returns the name of the application that an invitation is for, and its address if that may be gone to.
func (u *UI) invitedTo(r *http.Request, i identity.Invitation) (name, uri string, err error) {
	if i.Client == "" {
		return "", "", nil
	}
	client, err := u.cfg.OAuth2.Client(r.Context(), i.Client)
	if isCode(err, identity.NotFound) {
		return "", "", nil
	}
	if err != nil {
		return "", "", err
	}
	return clientName(*client), secureLink(client.URI), nil
}

// used says whether the account of this browser has used an invitation.
func (u *UI) used(r *http.Request, i identity.Invitation) bool {
	session, err := u.cfg.Sessions.Whoami(r.Context(), cookies(r))
	return err == nil && i.By != "" && i.By == session.Identity.ID
}

func has(person identity.Identity, address string) bool {
	for _, a := range person.VerifiableAddresses {
		if strings.EqualFold(a.Value, address) {
			return true
		}
	}
	return false
}

func invitationToken(r *http.Request) string {
	if c, err := r.Cookie(identity.InvitationCookie); err == nil {
		return c.Value
	}
	return ""
}

// keepInvitation is not setCookie: Kratos' side reads it, which may have another host.
func (u *UI) keepInvitation(w http.ResponseWriter, token string, life time.Duration) {
	seconds := int(life / time.Second)
	if token == "" {
		seconds = -1
	}
	http.SetCookie(w, &http.Cookie{
		Name: identity.InvitationCookie, Value: token, Path: "/", Domain: u.cfg.CookieDomain, MaxAge: seconds,
		HttpOnly: true, Secure: u.at.ui.Scheme == "https", SameSite: http.SameSiteLaxMode,
	})
}

// signsUp says whether this browser can sign up, as far as can be told without asking.
func (u *UI) signsUp(r *http.Request) bool {
	return u.cfg.Registration && (!u.cfg.ByInvitation || invitationToken(r) != "")
}

// fixAddress fills the address of an invitation into a sign-up. Another one would be refused.
func (u *UI) fixAddress(w http.ResponseWriter, r *http.Request, f *identity.Flow) error {
	token := invitationToken(r)
	if token == "" {
		return nil
	}
	i, _, err := u.cfg.Invitations.Invitation(r.Context(), token)
	if isCode(err, identity.NotFound) || err == nil && i.State(time.Now()) != identity.InvitationOpen {
		u.keepInvitation(w, "", 0)
		return nil
	}
	if err != nil {
		return err
	}
	for n := range f.UI.Nodes {
		attr := &f.UI.Nodes[n].Attributes
		if strings.HasPrefix(attr.Name, "traits.") && attr.Type == "email" {
			attr.Value, attr.Fixed = i.Address, true
		}
	}
	return nil
}

func hasFixed(f *identity.Flow) bool {
	return slices.ContainsFunc(f.UI.Nodes, func(n identity.Node) bool { return n.Attributes.Fixed })
}

// notInvited answers who wants to sign up without an invitation. Who came from an application is still to end there.
func (u *UI) notInvited(w http.ResponseWriter, r *http.Request) error {
	params, err := u.passOn(identity.Login, r.URL.Query())
	if err != nil {
		return err
	}
	p := byInvitation(u.printer(r), u.cfg.Brand.Name)
	p.action.Href = u.to("/login", params)
	u.tell(r, identity.Told{Cause: "page:by_invitation"})
	u.fail(w, r, p)
	return nil
}
