package ui

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/locale"
)

// Flows reads self-service flows. Cookie is the browser's Cookie header. Errors that a person may
// see are *identity.Error; others are shown as one fixed sentence and logged.
type Flows interface {
	// Flow returns a flow, or NotFound, Gone or Forbidden when it has to be started again.
	Flow(ctx context.Context, kind identity.FlowKind, id, cookie string) (*identity.Flow, error)
	// LogoutURL returns where the browser ends its session, or NoSession. The browser comes to
	// returnTo afterwards.
	LogoutURL(ctx context.Context, cookie, returnTo string) (string, error)
	// FlowError returns a failure that was stored for the error page, or NotFound.
	FlowError(ctx context.Context, id, cookie string) (*identity.FlowError, error)
	// WebAuthnScript returns the script that passkeys and security keys need in a browser.
	WebAuthnScript(ctx context.Context) ([]byte, error)
}

// Sessions says who is signed in.
type Sessions interface {
	// Whoami returns the session of a browser, or NoSession, or AALRequired.
	Whoami(ctx context.Context, cookie string) (*identity.Session, error)
}

// Identities reads people.
type Identities interface {
	// Identity returns a person, or NotFound.
	Identity(ctx context.Context, id string) (*identity.Identity, error)
}

// OAuth2 reads and answers what an authorization server asks. The URLs returned are where the
// browser has to go next; they are the only foreign addresses that the UI ever redirects to.
type OAuth2 interface {
	// LoginRequest returns what an application asks, or Gone when that was too long ago.
	LoginRequest(ctx context.Context, challenge string) (*identity.LoginRequest, error)
	// AcceptLogin says who is signed in. Where the server remembers somebody else, it forgets them, and
	// the address returned begins the application's request again.
	AcceptLogin(ctx context.Context, challenge string, grant identity.LoginGrant) (string, error)
	// EndLogin makes the server forget a session of its own.
	EndLogin(ctx context.Context, sid string) error
	// Client returns an application, or NotFound.
	Client(ctx context.Context, id string) (*identity.Client, error)
	ConsentRequest(ctx context.Context, challenge string) (*identity.ConsentRequest, error)
	AcceptConsent(ctx context.Context, challenge string, grant identity.ConsentGrant) (string, error)
	// RejectConsent answers access_denied.
	RejectConsent(ctx context.Context, challenge string) (string, error)
	LogoutRequest(ctx context.Context, challenge string) (*identity.LogoutRequest, error)
	AcceptLogout(ctx context.Context, challenge string) (string, error)
	RejectLogout(ctx context.Context, challenge string) error
}

// Inbox is the mail that was caught instead of sent.
type Inbox interface {
	// Mails returns what is kept, newest first.
	Mails() []identity.Mail
	Mail(id string) (identity.Mail, bool)
	Clear()
}

// Previews writes every mail that there is with made-up codes.
type Previews interface {
	// Kinds returns the names of the mails.
	Kinds() []string
	// Preview writes one of them in one of the languages offered.
	Preview(kind, lang string) (identity.Mail, error)
}

// URLs are the public addresses as a browser sees them; a trailing slash makes no difference.
type URLs struct {
	UI           string // of these pages; https makes cookies Secure and adds HSTS
	KratosPublic string // where forms are posted to
	Hydra        string // the authorization server
}

// Image is a picture with its media type.
type Image struct {
	Data []byte
	Type string
}

// Config is what New needs. Every field without a stated default must be set.
type Config struct {
	Log        *slog.Logger
	URLs       URLs
	Flows      Flows
	Sessions   Sessions
	Identities Identities
	OAuth2     OAuth2
	Account    Account
	Grants     Grants
	// AccountRules say what the account pages offer.
	AccountRules AccountRules
	// Consents asks whether a consent may be granted, and is told when it was; nil for nobody.
	Consents Consents
	// Claims says which claims the granted scopes reveal of a person: in the ID token (userinfo
	// repeats them), and in JWT access tokens and introspection. Unless it is nil, only is all that the
	// application may get.
	Claims func(person identity.Identity, scopes, only []string) (idToken, accessToken map[string]any)
	// CSRFKeys authenticate our own forms: 32 bytes each, the same on every replica, used for nothing else. The
	// first signs, all are accepted: a form that somebody has open outlasts a rotation.
	CSRFKeys [][]byte
	// SealKeys seal our own cookies in the same way.
	SealKeys [][]byte
	// Remember says whether a session outlives the browser, and SessionLifespan for how long.
	Remember        identity.Remember
	SessionLifespan time.Duration
	// ClientLogos are the images of applications, by client id, served by the UI. ForeignLogos lets the
	// browser fetch the logo that an application registered, if that is an https address.
	ClientLogos  map[string]Image
	ForeignLogos bool
	// ScopeTexts says in words what a scope of the operator's own permits.
	ScopeTexts map[string]string
	// RememberConsent ticks the box "remember" on the consent page beforehand.
	RememberConsent bool
	// Texts are the languages offered, the first one by default; nil means English.
	Texts *locale.Texts
	Brand Brand
	Links Links
	// CookieDomain is that of Kratos' cookies; empty where they belong to one host.
	CookieDomain string
	// Registration, Recovery, Verification and Settings say which flows Kratos offers. Pages link to
	// no other.
	Registration, Recovery, Verification, Settings bool
	// VerifiedRequired lets applications have nobody without a verified address.
	VerifiedRequired bool
	// ByInvitation says that a sign-up takes an invitation.
	ByInvitation bool
	Invitations  Invitations
	// SecondFactorRequired lets nobody further than to setting up a second factor who has none.
	SecondFactorRequired bool
	// Inbox holds the mail that development does not send; nil in production: there is no such page.
	Inbox Inbox
	// Previews are shown beside the inbox; nil in production.
	Previews Previews
	// Note puts on record what a person did on a page; nil puts nothing.
	Note func(context.Context, identity.Act)
	// Told is told what helps to explain a request; nil is allowed.
	Told func(context.Context, identity.Told)
	// ErrorCode returns the code of a failure that is about to be answered with a status, by what was told; nil
	// shows none.
	ErrorCode func(ctx context.Context, status int) string
	// Data is all that is held of a person.
	Data Data
	// Activity is what happened to the account of a person; nil shows none.
	Activity Activity
	// Passing says of a request that the browser has not made it itself (package shortcut): where a person is
	// to be asked, it comes by itself; nil says that of none.
	Passing func(context.Context) bool
	// RequestID returns the id under which a request is logged; nil shows none.
	RequestID func(context.Context) string
}

// origins are the parsed Config.URLs.
type origins struct {
	ui, kratos, hydra *url.URL
}

func (c *Config) complete() (origins, error) {
	var problems []error
	require := func(name string, missing bool) {
		if missing {
			problems = append(problems, fmt.Errorf("%s is missing", name))
		}
	}
	require("Log", c.Log == nil)
	require("Flows", c.Flows == nil)
	require("Sessions", c.Sessions == nil)
	require("Identities", c.Identities == nil)
	require("OAuth2", c.OAuth2 == nil)
	require("Account", c.Account == nil)
	require("Grants", c.Grants == nil)
	require("Invitations", c.Invitations == nil)
	require("Data", c.Data == nil)
	require("Claims", c.Claims == nil)
	for name, list := range map[string][][]byte{"CSRFKeys": c.CSRFKeys, "SealKeys": c.SealKeys} {
		if len(list) == 0 {
			problems = append(problems, fmt.Errorf("%s is empty", name))
		}
		for _, key := range list {
			if len(key) != 32 {
				problems = append(problems, fmt.Errorf("%s has one of %d bytes, want 32", name, len(key)))
			}
		}
	}
	base := func(name, raw string) *url.URL {
		u, err := baseURL(raw)
		if err != nil {
			problems = append(problems, fmt.Errorf("URLs.%s: %w", name, err))
		}
		return u
	}
	at := origins{
		ui:     base("UI", c.URLs.UI),
		kratos: base("KratosPublic", c.URLs.KratosPublic),
		hydra:  base("Hydra", c.URLs.Hydra),
	}
	if c.Brand.Name == "" {
		c.Brand.Name = "identityd"
	}
	if c.Passing == nil {
		c.Passing = func(context.Context) bool { return false }
	}
	if c.RequestID == nil {
		c.RequestID = func(context.Context) string { return "" }
	}
	return at, errors.Join(problems...)
}

func baseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("%q is not an http or https address", raw)
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath, u.RawQuery, u.Fragment, u.User = "", "", "", nil
	return u, nil
}
