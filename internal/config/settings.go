package config

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
)

// Settings is a free map, kept as written. It prints its first keys only: a kratos block may hold
// the password of a mail server or the secret of a provider at any depth.
type Settings map[string]any

// String returns the first keys.
func (s Settings) String() string {
	keys := slices.Sorted(maps.Keys(s))
	for i, k := range keys {
		keys[i] = k + ":" + redacted
	}
	return "map[" + strings.Join(keys, " ") + "]"
}

// GoString returns the first keys.
func (s Settings) GoString() string { return s.String() }

// Format prints the first keys, whatever the verb.
func (s Settings) Format(f fmt.State, _ rune) { io.WriteString(f, s.String()) } //nolint:errcheck // fmt has no use for it

// MarshalJSON writes the first keys.
func (s Settings) MarshalJSON() ([]byte, error) { return json.Marshal(s.masked()) }

// MarshalYAML writes the first keys.
func (s Settings) MarshalYAML() (any, error) { return s.masked(), nil }

// LogValue hands only the first keys to a log.
func (s Settings) LogValue() slog.Value { return slog.StringValue(s.String()) }

func (s Settings) masked() map[string]string {
	out := make(map[string]string, len(s))
	for k := range s {
		out[k] = redacted
	}
	return out
}
