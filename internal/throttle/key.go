package throttle

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/netip"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Kind is what is attempted. Each is counted by itself.
type Kind string

// The kinds.
const (
	// Login is a password, a code or another secret of a person.
	Login Kind = "login"
	// Mail is a message that somebody makes us send; each counts, whatever comes of it.
	Mail Kind = "mail"
	// Form is a sign-up or a change of settings.
	Form Kind = "form"
	// Client is the secret of an application.
	Client Kind = "client"
)

// Scope is by what is counted.
type Scope string

// The scopes.
const (
	// Pair is one account from one address.
	Pair Scope = "pair"
	// Account is one account from everywhere.
	Account Scope = "account"
	// Address is one address at all accounts.
	Address Scope = "address"
	// Device is one account from a browser that signed in to it before.
	Device Scope = "device"
)

// Key names a count. Its text is the key of its row; the region comes first, so that no region writes to
// the rows of another.
type Key struct {
	Region string
	Kind   Kind
	Scope  Scope
	// Address is a prefix, empty where all are meant.
	Address string
	// Account is a keyed hash, empty where all are meant.
	Account string
}

// String returns the text of the key.
func (k Key) String() string {
	return strings.Join([]string{k.Region, string(k.Kind), string(k.Scope), k.Address, k.Account}, "|")
}

// ParseKey reads the text of a key.
func ParseKey(text string) (Key, bool) {
	parts := strings.Split(text, "|")
	if len(parts) < 5 {
		return Key{}, false
	}
	n := len(parts) - 4
	return Key{
		Region: strings.Join(parts[:n], "|"), Kind: Kind(parts[n]), Scope: Scope(parts[n+1]),
		Address: parts[n+2], Account: parts[n+3],
	}, true
}

// Names hash accounts. Without the secret a row says nothing of whom it is about.
type Names struct{ Secret []byte }

// Account returns the hash of an account as people type it: letters of any case or width, spaces around
// it and what cannot be seen make no other account. Empty stays empty.
func (n Names) Account(typed string) string {
	name := normal(typed)
	if name == "" {
		return ""
	}
	return n.mac("account", name)
}

func (n Names) mac(parts ...string) string {
	h := hmac.New(sha256.New, n.Secret)
	h.Write([]byte(strings.Join(parts, "\x00")))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:16])
}

func normal(typed string) string {
	folded := strings.ToLower(norm.NFKC.String(typed))
	return norm.NFKC.String(strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cf, unicode.Cc) {
			return -1
		}
		return r
	}, folded)))
}

// SameAccount reports whether two spellings are counted as one account.
func SameAccount(a, b string) bool { return normal(a) == normal(b) }

func addressText(p netip.Prefix) string {
	if !p.IsValid() {
		return ""
	}
	return p.String()
}
