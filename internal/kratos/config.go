package kratos

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"example.com/identityd/internal/crossorigin"
	"example.com/identityd/internal/hooks"
	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/ory"
)

// Config is what Kratos has to be told, in adapter words. Nothing is read from anywhere else.
type Config struct {
	// PublicURL and AdminURL are the base URLs of the two APIs; the first is what a browser sees.
	PublicURL string
	AdminURL  string
	// Pages are the URLs of the UI.
	Pages Pages
	// ReturnTo are the allowed return addresses besides the UI.
	ReturnTo []string
	// DSN is the whole database URL with pool options. It holds a password.
	DSN string
	// SerializeWrites lets one request at a time write: SQLite only (docs/ory-quirks.md#q24).
	SerializeWrites bool
	// Serial is what serializes them where two engines live at once over one database; nil makes one.
	Serial *ory.Serializer `json:"-"`
	// MaxRequests bounds the requests inside at once, below the size of the pool (docs/ory-quirks.md#q43). 0 bounds
	// none.
	MaxRequests int
	// Dev allows cookies without Secure.
	Dev bool
	// CookieDomain is empty for host-only cookies. SessionDomain is that of the session's.
	CookieDomain, SessionDomain string
	// HostCookies gives cookies the prefix __Host- where the name can be set: browsers then take them from
	// this very host by https only. It wants https and no domains.
	HostCookies bool
	// CookieSecrets and CipherSecrets: the first seals, the rest still open. 32 bytes each.
	CookieSecrets []string
	CipherSecrets []string
	// BrokenContinuity leaves the cookies of continuity to Kratos (docs/ory-quirks.md#q94). Tests prove with it
	// that they would notice; no setting reaches it.
	BrokenContinuity bool `json:"-"`
	// Schemas are the identity schemas; DefaultSchema is the id of the one new people get.
	Schemas       []Schema
	DefaultSchema string
	// Login says how people prove who they are.
	Login        Login
	Password     Password
	Session      Session
	Registration Registration
	// Mail is nil when there is no way to send any; recovery and verification are off then.
	Mail *Mail
	// VerifyAddress refuses a login until an address of the person is verified.
	VerifyAddress bool
	// Links sends links instead of codes for recovery and verification.
	Links bool
	// AccountExists words the mail to the owner of an address that somebody signs up with. It has to be
	// set where Mail is.
	AccountExists func(AccountExists) (MailText, error) `json:"-"`
	// FactorRemoved words the mail to somebody from whose account an administrator took a factor; nil tells nobody.
	FactorRemoved func(FactorRemoved) (MailText, error) `json:"-"`
	// Invitations are who was invited; nil: nobody can be.
	Invitations Invitations `json:"-"`
	// Invited words the mail of an invitation. It has to be set where Mail is.
	Invited func(Invited) (MailText, error) `json:"-"`
	// Client returns an OAuth2 client, or NotFound; nil knows none.
	Client func(ctx context.Context, id string) (*identity.Client, error) `json:"-"`
	// Origins may call the public API from a browser with cookies (CORS).
	Origins []string
	// ClientOrigin returns who lends an origin to a page; pages of clients that an operator trusts may ask who
	// is signed in. nil knows none.
	ClientOrigin func(origin string) crossorigin.Standing `json:"-"`
	// Refusals is told of pages that may not; nil tells nobody.
	Refusals *crossorigin.Refusals `json:"-"`
	// UpstreamPasswords judges new passwords as upstream does. Tests prove with it that they would notice; no
	// setting reaches it.
	UpstreamPasswords bool
	// Private lets the engine's own guard, behind Outgoing, pass private addresses; PrivateGlobs are addresses of
	// the web that it passes all the same.
	Private      bool
	PrivateGlobs []string
	// UnjudgedPeople is the same for names that look like others and imported hashes.
	UnjudgedPeople bool
	// Extra is laid over everything else: the kratos: block of stack.yaml.
	Extra map[string]any

	// OldHashes leaves it to Kratos which hashes are made anew. Tests prove with it that they would notice; no
	// setting reaches it.
	OldHashes bool `json:"-"`
	// Eager reads people and sessions as upstream does, a statement for each table. Tests count with it what one
	// statement is worth; no setting reaches it.
	Eager bool `json:"-"`

	// Unfixed serves the APIs with the faults they have at the pin. Tests prove with it that they would
	// notice; no setting reaches it.
	Unfixed bool `json:"-"`

	Log     *slog.Logger
	Tracing *ory.Tracing
	// AnyState hands every state on that a provider sends back. Tests prove with it that they would notice;
	// no setting reaches it.
	AnyState bool
	// Hydra is the way to Hydra's admin API, for login challenges.
	Hydra http.RoundTripper
	// Outgoing is the way to every address outside but the mail server; nil refuses all of them.
	Outgoing http.RoundTripper `json:"-"`
	// Logins accepts login challenges, by the same way.
	Logins Logins
	// Note takes what the engine does not tell by events; nil is allowed.
	Note func(context.Context, Noted) `json:"-"`
	// Counted is told what adds up to the metrics of flows; nil is allowed.
	Counted func(context.Context, identity.Counted) `json:"-"`
	// Mailed is told what came of a mail: one of MailSent, MailFailed, MailGivenUp; nil is allowed.
	Mailed func(outcome string) `json:"-"`
	// Queued is told of a mail in the context of the request that wants it; nil is allowed.
	Queued func(ctx context.Context, mail string) `json:"-"`
	// Sending is told of a mail before it is sent, and returns what is to be told what came of it, or nil; nil is allowed.
	Sending func(ctx context.Context, mail string) func(outcome string) `json:"-"`
	// Hooks are those of the operator; nil are none.
	Hooks *hooks.Hooks `json:"-"`
	// Endings takes the sessions that end, and finishes what hangs on them.
	Endings Endings
	// Offboarding takes the people whose access ends. It wants Endings.
	Offboarding Offboarding `json:"-"`
	// Attempts is asked before somebody tries a secret or makes us send mail; nil asks nobody.
	Attempts identity.Attempts `json:"-"`
	// TooMany answers who has to wait until an instant. It has to be set where Attempts is.
	TooMany func(w http.ResponseWriter, r *http.Request, until time.Time) `json:"-"`
	// Hashes bounds how many passwords are hashed at once.
	Hashes Hashes `json:"-"`
	// Busy answers who would have to wait too long for that. It has to be set where Hashes is.
	Busy http.HandlerFunc `json:"-"`
	// UnevenLogins answers refused logins as soon as Kratos does, and hashes nothing for unknown people.
	// Tests prove with it that they would notice; no setting reaches it.
	UnevenLogins bool `json:"-"`
	// TellingCodes answers who asks for a code to sign in with as Kratos does. Tests prove with it that they
	// would notice; no setting reaches it.
	TellingCodes bool `json:"-"`
	// Leave returns the page that opens frames in the browser before it goes on to an address.
	Leave func(to string, frames []string) string `json:"-"`
}

// Pages are absolute URLs of the UI.
type Pages struct {
	// Home is where this origin begins, Account where whoever signs in without an application goes.
	Home, Account, Login, Registration, Settings, Recovery, Verification, Error, SignedOut string
	// Continue leads back to the application that this browser came from.
	Continue string
	// Confirm is the page with the button behind the links of mails, Invitation that behind those of invitations.
	Confirm, Invitation string
}

// Schema is one identity schema: a JSON schema with Kratos' extensions.
type Schema struct {
	ID  string
	Raw []byte
}

// Password is the password method. Words are what this service is called, of which a password must not be
// made. Breached reports whether attackers know a password; nil: nobody asks.
type Password struct {
	Enabled   bool
	MinLength int
	Words     []string
	Breached  func(ctx context.Context, password string) bool `json:"-"`
}

// Login is what people prove who they are with, beside a password.
type Login struct {
	// IdentifierFirst asks who it is before it offers anything.
	IdentifierFirst bool
	// First factors. Code goes by mail.
	Passkey, Code bool
	// Second factors. SecondFactor asks those for one who set it up.
	TOTP, SecurityKey, LookupCodes bool
	SecondFactor                   bool
	// Issuer is what an authenticator application and the browser's dialog for keys call this service.
	Issuer string
	// RelyingParty is the domain that keys are bound to, and Origins are the origins of the pages that
	// may ask for them.
	RelyingParty string
	Origins      []string
	Providers    []Provider
}

// Provider is an upstream sign-in service. Kind is Kratos' word for it (google, generic and so on).
type Provider struct {
	ID, Kind, Label               string
	ClientID, ClientSecret        string
	Issuer                        string
	ClaimsFrom                    string // of generic: userinfo or id_token
	Scopes                        []string
	Tenant                        string // of microsoft
	TeamID, PrivateKeyID, Private string // of apple
	// Mapper is Jsonnet of the operator's; empty: ours, which sets those of Traits that the provider knows.
	Mapper string
	Traits []string
}

// Registration says whether and how people sign up by themselves. ByInvitation lets in nobody without one.
// TwoSteps asks for the credentials on a page of their own.
type Registration struct{ Closed, ByInvitation, TwoSteps bool }

// Mail is the way out. URL is smtp:// (with STARTTLS unless ?disable_starttls=true) or smtps://; it
// holds a password. It is empty when Extra names another way.
type Mail struct {
	URL, From, FromName, ReplyTo string
	// Templates are used in place of Kratos' own.
	Templates []Template
}

// Hashes is what hashing passwords may take of the machine. Without Cores there is no bound.
type Hashes struct {
	Cores int
	// Memory is in bytes; 0 is all that there is.
	Memory uint64
}

// hashPatience is how long a request waits at the door when too many passwords are to be hashed.
const hashPatience = 5 * time.Second

// At returns how many hashes may run that take so much memory each.
func (h Hashes) At(each uint64) int {
	if h.Memory == 0 || each == 0 {
		return h.Cores
	}
	return max(min(h.Cores, int(h.Memory/each)), 1) //nolint:gosec // a small number
}

// Session is the life of a session. Privileged is how long after a login credentials may be changed
// without another.
type Session struct {
	Lifespan, Privileged time.Duration
	Remember             identity.Remember
}
