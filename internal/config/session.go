package config

import "time"

// Session says how long a sign-in lasts.
//
//	session:
//	  lifespan: 7d
//	  remember: always
//	  privileged: 10m
type Session struct {
	// Lifespan is how long a sign-in lasts: Kratos' session, its cookie and Hydra's remembered sign-in alike.
	Lifespan time.Duration `yaml:"lifespan"`
	// Idle ends a session that is not used for so long; 0 means never.
	Idle time.Duration `yaml:"idle"`
	// Remember says whether a sign-in outlives the browser: offered as a choice, always or never.
	Remember Remember `yaml:"remember"`
	// Privileged is how long after a sign-in people may change how they sign in without signing in once more.
	Privileged time.Duration `yaml:"privileged"`
	// Logout says what ends besides the sessions.
	Logout Logout `yaml:"logout"`
}

// Logout says what ends when a session does, besides the sessions of both engines.
type Logout struct {
	// RevokeTokens revokes the tokens and consents that were given in the session, refresh tokens of
	// offline_access included. JWT access tokens are good until they expire.
	RevokeTokens bool `yaml:"revoke_tokens"`
}

// Remember says whether a sign-in outlives the browser.
type Remember string

// Choices for session.remember.
const (
	RememberOffered Remember = "offered"
	RememberAlways  Remember = "always"
	RememberNever   Remember = "never"
)

func (Remember) words() []string { return []string{"offered", "always", "never"} }

func defaultSession() Session {
	return Session{Lifespan: 720 * time.Hour, Remember: RememberOffered, Privileged: 15 * time.Minute}
}

// Consent says what the page shows that asks for consent, and how long the answer is remembered.
type Consent struct {
	// RememberFor is how long an answer is remembered when somebody chooses so.
	RememberFor time.Duration `yaml:"remember_for"`
	// Logos says whose logos are shown: those of files, or also those at https addresses, which tells
	// their servers who is signing in.
	Logos Logos `yaml:"logos"`
	// Scopes says in words what a scope of your own permits; the page that asks for consent shows it.
	//
	//	consent:
	//	  scopes: { "read:invoices": See your invoices }
	Scopes map[string]string `yaml:"scopes"`
}

// Logos says whose logos are shown.
type Logos string

// Choices for consent.logos.
const (
	LogosOwn   Logos = "own"
	LogosHTTPS Logos = "https"
)

func (Logos) words() []string { return []string{"own", "https"} }

func defaultConsent() Consent { return Consent{RememberFor: 720 * time.Hour, Logos: LogosOwn} }

// Tokens says what clients are given and for how long.
type Tokens struct {
	// Access is how long an access token is good.
	Access time.Duration `yaml:"access"`
	// Refresh is how long a refresh token is good when it is not used.
	Refresh time.Duration `yaml:"refresh"`
	// ID is how long an ID token is good.
	ID time.Duration `yaml:"id"`
	// Format is the form of access tokens: opaque, which only introspection can read, or jwt, which services verify by
	// themselves and which cannot be revoked before it ends.
	Format TokenFormat `yaml:"format"`
	// RefreshGrace is how long a used refresh token is still taken, for clients that retry. 0: a second use revokes all
	// tokens of the sign-in, since that is how a theft shows.
	RefreshGrace time.Duration `yaml:"refresh_grace"`
	// Signing says what tokens are signed with.
	Signing Signing `yaml:"signing"`
}

// Signing says what tokens are signed with. A change makes a new key beside the old one, with which older tokens
// are verified. Left empty it is what the newest key is for, and RS256 in a new installation.
type Signing struct {
	// Access is the algorithm of access tokens that are JWTs: RS256 or ES256.
	Access SigningAlg `yaml:"access"`
	// ID is the algorithm of ID tokens and logout tokens: RS256 or ES256. Not every application takes ES256.
	ID SigningAlg `yaml:"id"`
}

// SigningAlg is an algorithm of signatures (RFC 7518 section 3.1).
type SigningAlg string

// Algorithms of signatures.
const (
	SignRS256 SigningAlg = "RS256"
	SignES256 SigningAlg = "ES256"
)

func (SigningAlg) words() []string { return []string{string(SignRS256), string(SignES256)} }

// TokenFormat is the form of access tokens.
type TokenFormat string

// Forms of access tokens.
const (
	TokenOpaque TokenFormat = "opaque"
	TokenJWT    TokenFormat = "jwt"
)

func (TokenFormat) words() []string { return []string{"opaque", "jwt"} }

func defaultTokens() Tokens {
	return Tokens{Access: time.Hour, Refresh: 720 * time.Hour, ID: time.Hour, Format: TokenOpaque}
}
