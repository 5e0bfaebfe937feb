package declare

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

const (
	// markKey is the key of a client's metadata that says whose it is.
	markKey = "identityd"
	owner   = "stack.yaml"
)

// mark says that a client was made by the file, and from which words.
type mark struct {
	Owner  string `json:"owner"`
	Digest string `json:"digest"`
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

// markOf returns the mark in a client's metadata. Metadata is anybody's: whatever does not read as
// a mark is none.
func markOf(metadata json.RawMessage) mark {
	var in struct {
		Mark json.RawMessage `json:"identityd"`
	}
	var m mark
	if json.Unmarshal(metadata, &in) != nil || json.Unmarshal(in.Mark, &m) != nil {
		return mark{}
	}
	return m
}

// marked returns metadata with the mark in it, all other keys as they were.
func marked(metadata json.RawMessage, sum string) (json.RawMessage, error) {
	var all map[string]json.RawMessage
	if len(metadata) > 0 {
		if err := json.Unmarshal(metadata, &all); err != nil {
			return nil, fmt.Errorf("decoding metadata: %w", err)
		}
	}
	own, err := json.Marshal(mark{Owner: owner, Digest: sum})
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
