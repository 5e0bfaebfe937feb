package config

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

const redacted = "***"

// Secret is text that no log, error or dump can print; only Reveal returns it.
type Secret struct {
	// A pointer, because fmt reaches through the unexported fields of whatever struct a Secret ends
	// up in without calling its methods, and prints nested pointers as addresses only.
	value *string
}

// NewSecret wraps s.
func NewSecret(s string) Secret { return Secret{value: &s} }

// Reveal returns the text itself.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// Empty reports whether nothing was set.
func (s Secret) Empty() bool { return s.Reveal() == "" }

// Equal reports whether both hold the same text, in constant time for texts of one length.
func (s Secret) Equal(o Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(o.Reveal())) == 1
}

// UnmarshalText takes the text as it is.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = NewSecret(string(text))
	return nil
}

// String never returns the text.
func (Secret) String() string { return redacted }

// GoString never returns the text.
func (Secret) GoString() string { return redacted }

// Format never prints the text, whatever the verb.
func (Secret) Format(f fmt.State, _ rune) { io.WriteString(f, redacted) } //nolint:errcheck // fmt has no use for it

// MarshalJSON never writes the text.
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// MarshalYAML never writes the text.
func (Secret) MarshalYAML() (any, error) { return redacted, nil }

// MarshalText never writes the text.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue never hands the text to a log.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }
