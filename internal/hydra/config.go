package hydra

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"example.com/identityd/internal/crossorigin"
	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/ory"
)

// Config is what Hydra has to be told, in adapter words. Nothing is read from anywhere else.
type Config struct {
	// Issuer is the OpenID Connect issuer, used verbatim, its trailing slash included.
	Issuer string
	// AdminURL is where Hydra's admin API would be found; it appears in no page.
	AdminURL string
	// Pages are the URLs of the UI.
	Pages Pages
	// DSN is the whole database URL with pool options. It holds a password.
	DSN string
	// SerializeWrites lets one request at a time write: SQLite only (docs/ory-quirks.md#q24).
	SerializeWrites bool
	// Serial is what serializes them where two engines live at once over one database; nil makes one.
	Serial *ory.Serializer `json:"-"`
	// MaxRequests bounds the requests inside at once, below the size of the pool (docs/ory-quirks.md#q43). 0 bounds
	// none.
	MaxRequests int
	// Dev allows an http issuer and cookies without Secure.
	Dev bool
	// CookieDomain is empty for host-only cookies.
	CookieDomain string
	// HostCookies gives cookies the prefix __Host- where the name can be set: browsers then take them from
	// this very host by https only. It wants https and no CookieDomain.
	HostCookies bool
	// SystemSecrets and CookieSecrets: the first seals, the rest still open. 32 bytes each.
	SystemSecrets []string
	CookieSecrets []string
	Tokens        Tokens
	// Scopes and Claims are what discovery says is supported, besides openid and offline_access.
	// TopLevelClaims stand beside sub in access tokens instead of under ext.
	Scopes, Claims, TopLevelClaims []string
	// Origins may call the public API from a browser (CORS), as those of all clients may.
	Origins []string
	// Refusals is told of pages that may not; nil tells nobody.
	Refusals *crossorigin.Refusals `json:"-"`
	// Registration lets applications register themselves; nil does not.
	Registration *Registration
	// Extra is laid over everything else: the hydra: block of stack.yaml.
	Extra map[string]any

	Log     *slog.Logger
	Tracing *ory.Tracing
	// Story is kept with a code that is made in ctx, and Joins is given it where the code is used; nil keeps nothing.
	Story func(ctx context.Context) string        `json:"-"`
	Joins func(ctx context.Context, story string) `json:"-"`
	// Sessions ends Kratos' sessions when Hydra's end.
	Sessions SessionDisabler
	// Outgoing is the way to every address outside; nil refuses all of them.
	Outgoing http.RoundTripper `json:"-"`
	// Families takes the revocations that the database refused.
	Families Families
	// Replaced are secrets of clients that are honored for a while longer; nil honors none.
	Replaced Replaced `json:"-"`
	// Attempts is asked before the secret of an application is tried; nil asks nobody.
	Attempts identity.Attempts `json:"-"`
	// TooMany answers who has to wait until an instant. It has to be set where Attempts is.
	TooMany func(w http.ResponseWriter, r *http.Request, until time.Time) `json:"-"`
	// Hashes bounds how many secrets are hashed at once; 0 does not.
	Hashes int `json:"-"`
	// UnclaimedGrants leaves codes and refresh tokens as upstream redeems them. Tests prove with it that
	// they would notice; no setting reaches it.
	UnclaimedGrants bool
	// FutureSignIns hands Hydra the time of a sign-in also when it is in the future. Tests prove with it that they
	// would notice.
	FutureSignIns bool
	// UncheckedClients stores clients with any address, as upstream does. It is the same kind of switch.
	UncheckedClients bool
	// Unfixed does the same with the faults of the APIs.
	Unfixed bool `json:"-"`
	// ForgottenSecrets hashes the secret of a client each time, as upstream does.
	ForgottenSecrets bool `json:"-"`
	// UpstreamKeys leaves keys, signatures and the public documents to upstream. It is the same kind of switch.
	UpstreamKeys bool `json:"-"`
	// UpstreamReads leaves clients, tokens and codes to be read as upstream does.
	UpstreamReads bool `json:"-"`
	// Network is who asks, as limits tell people apart; nil takes all for one.
	Network func(*http.Request) string `json:"-"`
	// Endings takes whom to tell of the end of a session.
	Endings Endings
	// RevokeAtLogout revokes the tokens and consents of a session when it ends.
	RevokeAtLogout bool
	// FormPost answers an authorization request by a form that posts fields to an address; nil leaves that to
	// Hydra.
	FormPost func(w http.ResponseWriter, r *http.Request, action string, fields url.Values) `json:"-"`
	// Reused is told of the second use of a code or a refresh token; nil is allowed.
	Reused func(ctx context.Context, client, subject string) `json:"-"`
	// Registered is told of an application that registered itself; nil is allowed.
	Registered func(ctx context.Context, client string, details map[string]string) `json:"-"`
	// Counted is told what adds up to the metrics of tokens; nil is allowed.
	Counted func(context.Context, identity.Counted) `json:"-"`
	// Told is told what helps to explain a request; nil is allowed.
	Told func(context.Context, identity.Told) `json:"-"`
	// Issuing is asked before a token is issued or refreshed, and may change its claims. identity.ErrNoAccess ends
	// the grant; an identity.Error with Forbidden refuses this token. Nil lets every token be issued.
	Issuing func(context.Context, *identity.Issuing) error `json:"-"`
	// SignedIn is asked before a sign-in that was accepted becomes a session: whether the person is active, and their
	// session of Kratos, if one is named, works. Nil believes what was accepted.
	SignedIn func(ctx context.Context, subject, session string) (bool, error) `json:"-"`
	// Leave returns the page that opens frames in the browser before it goes on to an address.
	Leave func(to string, frames []string) string `json:"-"`
}

// Registration is the policy for applications that register themselves (RFC 7591).
type Registration struct {
	// Hosts are those of redirect addresses: names, *.name, or * for any. Loopback always may be one. Schemes are
	// those of redirect addresses that open an application.
	Hosts, Schemes []string
	// Scopes are what may be asked for, and is given where nothing is.
	Scopes []string
	// PerHour bounds how many come from one network.
	PerHour int
}

// Pages are absolute URLs of the UI.
type Pages struct {
	Login, Registration, Consent, Logout, Error, PostLogout string
}

// Tokens are lifetimes and formats. JWT makes access tokens JSON Web Tokens (RFC 9068 style) instead
// of opaque strings. RefreshGrace is how long a rotated refresh token still works; 0 is strict.
type Tokens struct {
	Access, Refresh, ID, RefreshGrace time.Duration
	JWT                               bool
	// SignID and SignAccess are the algorithms of ID tokens and of access tokens that are JWTs; empty is that of
	// the newest key there is, and RS256 where there is none.
	SignID, SignAccess string
}

// SessionDisabler ends one session of Kratos by its id.
type SessionDisabler interface {
	DisableSession(ctx context.Context, id string) error
	// Forget takes the cookie of a session that has ended out of the browser.
	Forget(w http.ResponseWriter, r *http.Request)
}
