package held

import (
	"time"

	"example.com/identityd/internal/identity"
)

// Format names the form of a Document. A number is never given a second meaning.
const Format = "identityd-person/2"

// Document is the file that a person gets: names that speak for themselves, no secrets.
type Document struct {
	Format       string        `json:"format"`
	ExportedAt   time.Time     `json:"exported_at"`
	Service      string        `json:"service"`
	Account      Account       `json:"account"`
	SignIn       []Credential  `json:"sign_in_methods"`
	Sessions     []Session     `json:"sessions"`
	Applications []Application `json:"applications"`
	Activity     []Activity    `json:"activity"`
	// Attempts are counts of failed attempts to sign in that still count.
	Attempts []Attempt `json:"failed_attempts"`
	// Records are the rows of both databases, by what they are.
	Records map[string][]map[string]any `json:"records"`
	LeftOut []LeftOut                   `json:"left_out"`
}

// Account is the account itself.
type Account struct {
	ID                string                       `json:"id"`
	Schema            string                       `json:"schema"`
	State             string                       `json:"state"`
	CreatedAt         time.Time                    `json:"created_at"`
	UpdatedAt         time.Time                    `json:"updated_at"`
	Traits            map[string]any               `json:"traits"`
	Addresses         []identity.VerifiableAddress `json:"addresses"`
	RecoveryAddresses []identity.RecoveryAddress   `json:"recovery_addresses"`
	Metadata          map[string]any               `json:"metadata_public"`
}

// Credential is a way to sign in, without its secret.
type Credential struct {
	Type        string    `json:"type"`
	Identifiers []string  `json:"identifiers,omitempty"`
	CreatedAt   time.Time `json:"created_at"`
	Keys        []Key     `json:"keys,omitempty"`
	CodesLeft   *int      `json:"codes_left,omitempty"`
}

// Key is a passkey or a security key.
type Key struct {
	Name    string    `json:"name"`
	AddedAt time.Time `json:"added_at"`
}

// Session is a sign-in that lasts.
type Session struct {
	ID              string            `json:"id"`
	Current         bool              `json:"current"`
	SignedInAt      time.Time         `json:"signed_in_at"`
	AuthenticatedAt time.Time         `json:"authenticated_at"`
	ExpiresAt       time.Time         `json:"expires_at"`
	AAL             string            `json:"assurance_level"`
	Methods         []identity.Method `json:"methods"`
	Devices         []identity.Device `json:"devices"`
}

// Application is what an application may do.
type Application struct {
	ClientID   string    `json:"client_id"`
	Name       string    `json:"name"`
	Scope      []string  `json:"scope"`
	Since      time.Time `json:"since"`
	Latest     time.Time `json:"latest"`
	Access     bool      `json:"has_access"`
	Remembered bool      `json:"remembered"`
}

// Activity is what happened to the account.
type Activity struct {
	At       time.Time `json:"at"`
	What     string    `json:"what"`
	Failed   bool      `json:"failed,omitempty"`
	ByOthers bool      `json:"by_administrator,omitempty"`
	ClientID string    `json:"client_id,omitempty"`
	Method   string    `json:"method,omitempty"`
	Detail   string    `json:"detail,omitempty"`
	Times    int       `json:"times,omitempty"`
	Address  string    `json:"ip_address,omitempty"`
	Agent    string    `json:"user_agent,omitempty"`
}

// Attempt is a count of failed attempts.
type Attempt struct {
	What     string     `json:"what"`
	Failures int        `json:"failures"`
	Until    *time.Time `json:"wait_until,omitempty"`
}
