package identity

import (
	"net/http"
	"time"
)

// Session is a signed-in browser. IssuedAt is when it began, AuthenticatedAt when its person last
// proved who they are.
type Session struct {
	ID              string    `json:"id"`
	Active          bool      `json:"active"`
	AAL             string    `json:"authenticator_assurance_level"`
	IssuedAt        time.Time `json:"issued_at"`
	AuthenticatedAt time.Time `json:"authenticated_at"`
	ExpiresAt       time.Time `json:"expires_at"`
	Methods         []Method  `json:"authentication_methods"`
	Devices         []Device  `json:"devices"`
	Identity        Identity  `json:"identity"`
}

// Method is how a session was signed in to. Provider is set for upstream sign-in services.
type Method struct {
	Method      string    `json:"method"`
	AAL         string    `json:"aal"`
	CompletedAt time.Time `json:"completed_at"`
	Provider    string    `json:"provider,omitempty"`
}

// Device is what a browser said of itself when it signed in. It is free to say anything.
type Device struct {
	IPAddress string `json:"ip_address"`
	UserAgent string `json:"user_agent"`
}

// Identity is a person. Traits are whatever the identity schema allows. State is active or inactive.
// MetadataAdmin is filled by the admin API only, never by a person's own session.
type Identity struct {
	ID                  string              `json:"id"`
	SchemaID            string              `json:"schema_id"`
	State               string              `json:"state"`
	Traits              map[string]any      `json:"traits"`
	MetadataPublic      map[string]any      `json:"metadata_public"`
	MetadataAdmin       map[string]any      `json:"metadata_admin"`
	CreatedAt           time.Time           `json:"created_at"`
	VerifiableAddresses []VerifiableAddress `json:"verifiable_addresses"`
	RecoveryAddresses   []RecoveryAddress   `json:"recovery_addresses"`
	UpdatedAt           time.Time           `json:"updated_at"`
}

// StateInactive is the State of a person who may not sign in.
const StateInactive = "inactive"

// VerifiableAddress is an address that a person can prove to own. Via is email or sms.
type VerifiableAddress struct {
	Value    string `json:"value"`
	Via      string `json:"via"`
	Verified bool   `json:"verified"`
}

// Verified says whether one of the person's addresses is verified.
func (i Identity) Verified() bool {
	for _, a := range i.VerifiableAddresses {
		if a.Verified {
			return true
		}
	}
	return false
}

// How a browser says whether its session is to outlive it. The form of a sign-in has the field
// KeepOffered, and KeepField when the box is ticked; from then on the cookie KeepCookie says so.
const (
	KeepOffered = "keep_offered"
	KeepField   = "keep_signed_in"
	KeepCookie  = "identityd_keep"
)

// Remember says whether a session outlives the browser.
type Remember string

// The ways to remember a session.
const (
	RememberOffered Remember = "offered"
	RememberAlways  Remember = "always"
	RememberNever   Remember = "never"
)

// Keeps says whether a session outlives a browser that brought this request.
func (r Remember) Keeps(request *http.Request) bool {
	if r != RememberOffered {
		return r == RememberAlways
	}
	_, err := request.Cookie(KeepCookie)
	return err == nil
}

// RecoveryAddress is an address that a forgotten password is replaced by. Via is email or sms.
type RecoveryAddress struct {
	Value string `json:"value"`
	Via   string `json:"via"`
}
