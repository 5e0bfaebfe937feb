package identity

import "time"

// The types of credentials (Kratos: identity/credentials.go).
const (
	PasswordCredential      = "password"
	ProviderCredential      = "oidc"
	PasskeyCredential       = "passkey"
	SecurityKeyCredential   = "webauthn"
	TOTPCredential          = "totp"
	RecoveryCodesCredential = "lookup_secret"
)

// Factor is one way in which a person can prove who they are, without its secret. SetAt is when it was
// set up.
type Factor struct {
	Type        string
	Identifiers []string
	SetAt       time.Time
	// Keys are the passkeys or security keys.
	Keys []Key
	// Codes is how many recovery codes there were, Left how many are unused.
	Codes, Left int
}

// Key is a passkey or a security key. Name is what its person called it.
type Key struct {
	Name    string
	AddedAt time.Time
}

// Grant is what one application may do in a person's name.
type Grant struct {
	Client Client
	Scope  []string
	// Since is the oldest sign-in that is still on record, Latest the newest.
	Since, Latest time.Time
	// Access says whether a token of the application still works; Refresh whether it can get new ones
	// while the person is away.
	Access, Refresh bool
	// Remembered says whether the person's answer still spares them the question.
	Remembered bool
}

// HasSecond says whether one of them is a second factor that can be asked for.
func HasSecond(factors []Factor) bool {
	for _, f := range factors {
		switch f.Type {
		case TOTPCredential, SecurityKeyCredential, RecoveryCodesCredential:
			return true
		}
	}
	return false
}
