package demo

import (
	"net/http"
	"strings"
)

type startPage struct {
	layout
	Provider, ClientID, Redirect string
	// Registered says that the client was made by this run.
	Registered bool
	Scopes     []scopeChoice
	Account    string
	Exchanges  []exchange
}

type scopeChoice struct {
	Name, Why string
	Fixed     bool
	On        bool
}

type problemPage struct {
	layout
	Problem problem
}

type signedOutPage struct {
	layout
	Provider  string
	StillHere bool
	Exchanges []exchange
}

type tokensPage struct {
	layout
	Account, Provider, Granted string
	SignIn                     []exchange
	ID                         idToken
	Access                     idToken
	AccessLeft                 string
	RefreshToken, UsedToken    string
	Userinfo, Introspection    panel
	Refreshed, Replayed        panel
	Revoking                   panel
	Revoked, CanSignOut        bool
}

// start explains, and offers the button.
func (a *app) start(w http.ResponseWriter, r *http.Request) {
	page := startPage{
		layout: a.layout("Sign in with identityd"), Provider: a.provider.issuer, ClientID: a.client.id,
		Redirect: a.base + pathCallback, Registered: len(a.client.made) > 0,
		Exchanges: append([]exchange{a.provider.discovery}, a.client.made...),
	}
	for _, scope := range scopesOf(a.provider) {
		why, on := about(scope)
		page.Scopes = append(page.Scopes, scopeChoice{scope, why, scope == "openid", on})
	}
	if s := a.sessions.of(r); s != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.signedIn != nil {
			page.Account = s.signedIn.account()
		}
	}
	render(w, a, http.StatusOK, a.pages.Start, page)
}

// about says what a scope is for, and whether it is ticked at first.
func about(scope string) (string, bool) {
	switch scope {
	case "openid":
		return "makes it OpenID Connect: an ID token", true
	case "offline_access", "offline":
		return "a refresh token", true
	case "email":
		return "the email address, and whether it is verified", true
	case "profile":
		return "name, picture and the like", true
	default:
		return "", false
	}
}

// tokens shows what the sign-in brought.
func (a *app) tokens(w http.ResponseWriter, r *http.Request) {
	s := a.sessions.of(r)
	if s == nil {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	in := s.signedIn
	if in == nil {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	page := tokensPage{
		layout: a.layout("You are signed in"), Account: in.account(), Provider: a.provider.issuer,
		Granted: strings.Join(in.granted, " "), SignIn: in.signIn, ID: in.id, Access: in.access,
		AccessLeft: left(in.token.Expiry, a.now()), RefreshToken: in.token.RefreshToken,
		UsedToken: in.used, Userinfo: in.userinfo, Introspection: in.introspection,
		Refreshed: in.refreshed, Replayed: in.replayed, Revoking: in.revoking, Revoked: in.revoked,
		CanSignOut: a.provider.meta.EndSession != "",
	}
	page.Wide = true
	render(w, a, http.StatusOK, a.pages.Tokens, page)
}

// account is what to call the person by.
func (in *signedIn) account() string { return orText(in.id.Email, in.id.Subject) }
