package declare

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// markKey is the key of the metadata that says whose something is.
const markKey = "identityd"

// DefaultOwner is what a file is called that says no name of its own.
const DefaultOwner = "stack.yaml"

// Mark says that something was made by a file, and from which words. The ledger says so too; the mark is
// there for whoever sees nothing but the metadata, and for the moment between the two.
type Mark struct {
	Owner  string `json:"owner"`
	Digest string `json:"digest,omitempty"`
	// Key is what the file calls a person.
	Key string `json:"key,omitempty"`
}

// digest stands for all a client declares. It is keyed because the secret is among it: whoever can
// read the server's metadata must not be able to try secrets against it.
func digest(c Client, key []byte) (string, error) {
	raw, err := json.Marshal(c.canonical())
	if err != nil {
		return "", fmt.Errorf("encoding OAuth2 client %q: %w", c.ID, err)
	}
	h := hmac.New(sha256.New, key)
	// JSON holds no line break, so no two clients give the same bytes.
	fmt.Fprintf(h, "identityd declared client 1\n%s\n%s", raw, c.Secret)
	return hex.EncodeToString(h.Sum(nil)), nil
}

// MarkOf returns the mark in metadata. Metadata is anybody's: whatever does not read as a mark is none.
func MarkOf(metadata json.RawMessage) Mark {
	var in struct {
		Mark json.RawMessage `json:"identityd"`
	}
	var m Mark
	if json.Unmarshal(metadata, &in) != nil || json.Unmarshal(in.Mark, &m) != nil {
		return Mark{}
	}
	return m
}

// Marked returns metadata with the mark in it, all other keys as they were.
func Marked(metadata json.RawMessage, m Mark) (json.RawMessage, error) {
	var all map[string]json.RawMessage
	if len(metadata) > 0 {
		if err := json.Unmarshal(metadata, &all); err != nil {
			return nil, fmt.Errorf("decoding metadata: %w", err)
		}
	}
	own, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("encoding metadata: %w", err)
	}
	if all == nil {
		all = map[string]json.RawMessage{}
	}
	all[markKey] = own
	out, err := json.Marshal(all)
	if err != nil {
		return nil, fmt.Errorf("encoding metadata: %w", err)
	}
	return out, nil
}

// Owner returns the name of the file that keeps a client, or a person, as it says, from the metadata of
// either (metadata of a client, metadata_admin of a person); empty for what no file made. A change by hand
// to what has an owner is drift: the next identityd apply takes it back.
func Owner(metadata json.RawMessage) string { return MarkOf(metadata).Owner }
