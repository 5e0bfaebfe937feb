package uitest

import (
	"context"
	"slices"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/mails"
	"example.com/identityd/internal/ui"
)

// World is what the engines would answer while one page is shown. A field that is nil is answered as
// the engines do when there is no such thing.
type World struct {
	Flow      *identity.Flow
	Session   *identity.Session
	Consent   *identity.ConsentRequest
	Logout    *identity.LogoutRequest
	FlowError *identity.FlowError
	Mails     []identity.Mail
	// Login is what an application asks, when no flow says so.
	Login *identity.LoginRequest
	// Waiting lets the browser come from an application that it has not reached.
	Waiting bool
	// Sessions are those elsewhere, Factors and Grants what the account pages list.
	Sessions []identity.Session
	Factors  []identity.Factor
	Grants   []identity.Grant
	// Activity is what happened to the account.
	Activity []identity.Activity
	// Invitation is that of this browser or link; Taken says that its address has an account.
	Invitation *identity.Invitation
	Taken      bool
	// Down makes every question fail as when the database is away.
	Down bool
}

// engines stands for both of them. It embeds what it is asked for, so that a method that is new
// compiles, and fails the page that asks for it until it has an answer here.
type engines struct {
	ui.Flows
	ui.Sessions
	ui.Identities
	ui.OAuth2
	ui.Account

	stage *Stage
}

// gone is what an engine says of what is not there.
const gone = "This does not exist any more."

func answer[T any](w World, found *T, code identity.Code) (*T, error) {
	switch {
	case w.Down:
		return nil, &identity.Error{Code: identity.Unavailable, Message: gone}
	case found == nil:
		return nil, &identity.Error{Code: code, Message: gone}
	default:
		return found, nil
	}
}

// Flow implements ui.Flows.
func (e engines) Flow(context.Context, identity.FlowKind, string, string) (*identity.Flow, error) {
	w := e.stage.world()
	return answer(w, w.Flow, identity.Gone)
}

// LogoutURL implements ui.Flows.
func (e engines) LogoutURL(context.Context, string, string) (string, error) {
	return e.stage.Base + "/self-service/logout?token=t", nil
}

// FlowError implements ui.Flows.
func (e engines) FlowError(context.Context, string, string) (*identity.FlowError, error) {
	w := e.stage.world()
	return answer(w, w.FlowError, identity.NotFound)
}

// Whoami implements ui.Sessions.
func (e engines) Whoami(context.Context, string) (*identity.Session, error) {
	w := e.stage.world()
	return answer(w, w.Session, identity.NoSession)
}

// Identity implements ui.Identities.
func (e engines) Identity(context.Context, string) (*identity.Identity, error) {
	w := e.stage.world()
	if w.Session == nil {
		return answer[identity.Identity](w, nil, identity.NotFound)
	}
	return answer(w, &w.Session.Identity, identity.NotFound)
}

// LoginRequest implements ui.OAuth2.
func (e engines) LoginRequest(context.Context, string) (*identity.LoginRequest, error) {
	w := e.stage.world()
	found := w.Login
	if w.Flow != nil {
		found = w.Flow.LoginRequest
	}
	return answer(w, found, identity.NotFound)
}

// ConsentRequest implements ui.OAuth2.
func (e engines) ConsentRequest(context.Context, string) (*identity.ConsentRequest, error) {
	w := e.stage.world()
	return answer(w, w.Consent, identity.NotFound)
}

// LogoutRequest implements ui.OAuth2.
func (e engines) LogoutRequest(context.Context, string) (*identity.LogoutRequest, error) {
	w := e.stage.world()
	return answer(w, w.Logout, identity.NotFound)
}

// Client implements ui.OAuth2.
func (e engines) Client(context.Context, string) (*identity.Client, error) {
	client := notes()
	return answer(e.stage.world(), &client, identity.NotFound)
}

type inbox struct{ stage *Stage }

// Mails implements ui.Inbox.
func (i inbox) Mails() []identity.Mail { return i.stage.world().Mails }

// Clear implements ui.Inbox.
func (i inbox) Clear() {}

// Mail implements ui.Inbox.
func (i inbox) Mail(id string) (identity.Mail, bool) {
	caught := i.Mails()
	at := slices.IndexFunc(caught, func(m identity.Mail) bool { return m.ID == id })
	if at < 0 {
		return identity.Mail{}, false
	}
	return caught[at], true
}

// previews are those of the stack, where an adapter stands in for this one.
type previews struct{ mails *mails.Mails }

// Kinds implements ui.Previews.
func (p previews) Kinds() []string {
	var names []string
	for _, kind := range mails.Kinds() {
		names = append(names, string(kind))
	}
	return names
}

// Preview implements ui.Previews.
func (p previews) Preview(kind, lang string) (identity.Mail, error) {
	m, err := p.mails.Preview(mails.Kind(kind), lang)
	return identity.Mail{Subject: m.Subject, Text: m.Text, HTML: m.HTML}, err
}
