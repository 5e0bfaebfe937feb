package identity

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"time"
)

// InvitationCookie holds the token of the invitation that a browser came with. The pages set it and Kratos' side
// of the process reads it.
const InvitationCookie = "identityd_invitation"

// Invitation lets one person sign up, or join what an account has already.
type Invitation struct {
	ID, Address string
	// Groups are what the account gets into metadata_public.groups.
	Groups []string
	// Client is the application that the person was invited for, or empty.
	Client string
	// Mailed says that the link went nowhere but to the address, by mail of ours: who has it, has read that mail.
	Mailed        bool
	Made, Expires time.Time
	// Revoked and Used are zero while it is neither. By is the id of the account that used it.
	Revoked, Used time.Time
	By            string
}

// InvitationState says whether an invitation still opens anything.
type InvitationState string

// The states of an invitation.
const (
	InvitationOpen    InvitationState = "open"
	InvitationUsed    InvitationState = "used"
	InvitationRevoked InvitationState = "revoked"
	InvitationExpired InvitationState = "expired"
)

// State returns what it is at an instant.
func (i Invitation) State(now time.Time) InvitationState {
	switch {
	case !i.Used.IsZero():
		return InvitationUsed
	case !i.Revoked.IsZero():
		return InvitationRevoked
	case !now.Before(i.Expires):
		return InvitationExpired
	}
	return InvitationOpen
}

// tokenBytes is what nobody guesses.
const tokenBytes = 32

// NewInvitationToken makes what the link of an invitation holds.
func NewInvitationToken() string {
	raw := make([]byte, tokenBytes)
	rand.Read(raw) // it never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(raw)
}

// InvitationHash is all that is stored of a token, or empty for what cannot be one.
func InvitationHash(token string) string {
	if len(token) != base64.RawURLEncoding.EncodedLen(tokenBytes) {
		return ""
	}
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
