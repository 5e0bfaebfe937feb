package peoplefile

import (
	"fmt"
	"time"
)

// Person is somebody in a file, in the words of the import.
type Person struct {
	// Line is where in the file; of a format without lines, the number of the person.
	Line int `json:"line"`
	// ExternalID is what the other system calls the person. Without one it is what the person signs in with.
	ExternalID string `json:"external_id"`
	// Schema is the id of the identity schema, empty for the default one.
	Schema string `json:"schema_id,omitempty"`
	// State is active or inactive, empty for active.
	State  string         `json:"state,omitempty"`
	Traits map[string]any `json:"traits"`
	// Verified are the addresses that the other system had verified.
	Verified       []string       `json:"verified,omitempty"`
	MetadataPublic map[string]any `json:"metadata_public,omitempty"`
	MetadataAdmin  map[string]any `json:"metadata_admin,omitempty"`
	PasswordHash   string         `json:"password_hash,omitempty"`
	// Providers are the accounts elsewhere that the person signs in with.
	Providers []Provider `json:"providers,omitempty"`
	// TOTPSecret is the secret of an authenticator app, in base32.
	TOTPSecret string     `json:"totp_secret,omitempty"`
	CreatedAt  *time.Time `json:"created_at,omitempty"`
}

// Provider is an account elsewhere.
type Provider struct {
	Provider string `json:"provider"`
	Subject  string `json:"subject"`
}

// Fault is what is wrong with one person of a file. It never holds a value: only what it looks like.
type Fault struct {
	Line int `json:"line"`
	// Field is the column or key, empty for the line as a whole.
	Field  string `json:"field"`
	Reason string `json:"reason"`
}

// Error implements error.
func (f *Fault) Error() string {
	if f.Field == "" {
		return fmt.Sprintf("line %d: %s", f.Line, f.Reason)
	}
	return fmt.Sprintf("line %d: %s: %s", f.Line, f.Field, f.Reason)
}

// Source gives people one after another: a *Fault is of one of them and the next may be good, io.EOF is the
// end, and any other error is of the file as a whole.
type Source interface{ Next() (*Person, error) }

// Left counts what a file says and the import has no place for, by its name.
type Left map[string]int

// Shape says what a value looks like without saying what it is.
func Shape(s string) string {
	digits, letters, others, at := 0, 0, 0, false
	for _, c := range s {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c == '@':
			at = true
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			letters++
		default:
			others++
		}
	}
	n := len([]rune(s))
	switch {
	case n == 0:
		return "nothing"
	case at:
		return fmt.Sprintf("%d characters with an @", n)
	case digits == n:
		return fmt.Sprintf("%d digits", n)
	case letters == n:
		return fmt.Sprintf("%d letters", n)
	case others > 0:
		return fmt.Sprintf("%d characters, %d of them neither letters nor digits", n, others)
	default:
		return fmt.Sprintf("%d letters and digits", n)
	}
}
