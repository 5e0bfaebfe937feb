package identity

import "time"

// Session is a signed-in browser.
type Session struct {
	ID              string    `json:"id"`
	Active          bool      `json:"active"`
	AAL             string    `json:"authenticator_assurance_level"`
	AuthenticatedAt time.Time `json:"authenticated_at"`
	ExpiresAt       time.Time `json:"expires_at"`
	Identity        Identity  `json:"identity"`
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
	UpdatedAt           time.Time           `json:"updated_at"`
}

// VerifiableAddress is an address that a person can prove to own. Via is email or sms.
type VerifiableAddress struct {
	Value    string `json:"value"`
	Via      string `json:"via"`
	Verified bool   `json:"verified"`
}
