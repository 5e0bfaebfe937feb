package identity

import (
	"encoding/json"
	"time"
)

// RegistrationMark is where the metadata of a client hold that it registered itself.
const RegistrationMark = "identityd_registration"

// SelfRegistration is what is known of a client that registered itself.
type SelfRegistration struct {
	// At is when it did.
	At time.Time `json:"at"`
	// Verified is when an operator said that it is known; nil is never.
	Verified *time.Time `json:"verified,omitempty"`
}

// RegistrationOf finds it in the metadata of a client; nil is a client that an operator made.
func RegistrationOf(metadata []byte) *SelfRegistration {
	var all struct {
		Mark *SelfRegistration `json:"identityd_registration"`
	}
	if json.Unmarshal(metadata, &all) != nil {
		return nil // metadata may be anything
	}
	return all.Mark
}

// Unverified reports whether nobody answers for who is behind a client.
func (c Client) Unverified() bool {
	r := RegistrationOf(c.Metadata)
	return r != nil && r.Verified == nil
}
