package declare

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
)

// Identity is a person as the file declares them. What the file does not name of their traits and metadata is
// theirs: it is no drift, and stays.
type Identity struct {
	// Key is what the file calls the person. The id is given by the server.
	Key    string         `json:"key"`
	Schema string         `json:"schema,omitempty"`
	Traits map[string]any `json:"traits,omitempty"`
	// State is active or inactive.
	State string `json:"state,omitempty"`
	// Verified are addresses, of those in the traits, that nobody has to prove.
	Verified       []string       `json:"verified,omitempty"`
	MetadataPublic map[string]any `json:"metadata_public,omitempty"`
	MetadataAdmin  map[string]any `json:"metadata_admin,omitempty"`
	// Password is the first one. It is part of no digest: it is sent when the person is made, and never again.
	Password string `json:"-"`
	// PasswordHash is sent when the person is made and whenever the file says another one.
	PasswordHash string `json:"-"`
}

// Format prints the key and nothing else, whatever the verb.
func (i Identity) Format(f fmt.State, _ rune) { io.WriteString(f, i.Key) } //nolint:errcheck // fmt has no use for it

// LogValue hands the key to a log, and nothing else.
func (i Identity) LogValue() slog.Value { return slog.StringValue(i.Key) }

func (i Identity) check() error {
	switch {
	case i.Key == "":
		return fmt.Errorf("an identity has no key; every one needs a name of its own")
	case len(i.Key) > longestID || !plain(i.Key):
		return fmt.Errorf("identity %q: the key must be 1 to %d letters, digits or . _ - ~ @, "+
			"and begin with a letter or digit", shorten(i.Key), longestID)
	case i.Password != "" && i.PasswordHash != "":
		return fmt.Errorf("identity %q: it has a password and the hash of one; keep one of the two", i.Key)
	}
	return nil
}

func (i Identity) digest(key []byte) (string, error) {
	i.Verified = slices.Sorted(slices.Values(i.Verified))
	raw, err := json.Marshal(i) // maps are written in the order of their keys
	if err != nil {
		return "", fmt.Errorf("encoding identity %q: %w", i.Key, err)
	}
	return keyed(key, fmt.Sprintf("identityd declared identity 1\n%s\n%s", raw, i.PasswordHash)), nil
}

// Values are what a plan compares. What is personal is compared and never printed.
func (i Identity) Values() Values {
	v := Values{
		"schema": i.Schema,
		"state":  i.State,
		// Their order means nothing.
		"verified_addresses": hidden(text(slices.Sorted(slices.Values(i.Verified)))),
	}
	for word, all := range map[string]map[string]any{
		"traits": i.Traits, "metadata_public": i.MetadataPublic, "metadata_admin": i.MetadataAdmin,
	} {
		for name, value := range all {
			if !empty(value) {
				v[word+"."+name] = hidden(text(value))
			}
		}
	}
	return v
}

func text(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprintf("%T", v) // a value that YAML knows and JSON does not
	}
	return string(raw)
}
