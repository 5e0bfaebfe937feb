package audit

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
)

// keySize is that of AES-256.
const keySize = 32

// personal is what only the key of a person opens.
type personal struct {
	Address string `json:"address,omitempty"`
	Agent   string `json:"agent,omitempty"`
}

func (p personal) empty() bool { return p == personal{} }

// sealer seals with one key, by AES-256-GCM with a random nonce in front.
type sealer struct{ cipher.AEAD }

func newSealer(key []byte) (*sealer, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("reading a key: %w", err)
	}
	gcm, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("reading a key: %w", err)
	}
	return &sealer{gcm}, nil
}

// seal binds the text to the row that it is of, so that it opens in no other.
func (s *sealer) seal(p personal, row string) string {
	raw, err := json.Marshal(p)
	if err != nil || p.empty() { // strings always have a form
		return ""
	}
	return base64.StdEncoding.EncodeToString(s.Seal(nil, nil, raw, []byte("identityd audit "+row)))
}

func (s *sealer) open(sealed, row string) (personal, error) {
	var p personal
	raw, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil {
		return p, fmt.Errorf("opening a sealed field: %w", err)
	}
	if raw, err = s.Open(nil, nil, raw, []byte("identityd audit "+row)); err != nil {
		return p, errors.New("opening a sealed field: it was sealed with another key or for another row")
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		return p, fmt.Errorf("opening a sealed field: %w", err)
	}
	return p, nil
}

// Wrap is the key that the keys of people are wrapped with, derived from a secret.
func Wrap(secret string) ([]byte, error) {
	key, err := hkdf.Key(sha256.New, []byte(secret), nil, "identityd audit keys", keySize)
	if err != nil {
		return nil, fmt.Errorf("deriving the key of the audit trail: %w", err)
	}
	return key, nil
}

// wrapID names a wrapping key without telling anything of it.
func wrapID(key []byte) string {
	sum := sha256.Sum256(append([]byte("identityd audit keys id "), key...))
	return hex.EncodeToString(sum[:4])
}

// wrapped seals a key of a person, bound to its name.
func wrapped(wrap, key []byte, name string) (string, error) {
	s, err := newSealer(wrap)
	if err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(s.Seal(nil, nil, key, []byte("identityd audit key "+name))), nil
}

func unwrapped(wrap []byte, text, name string) ([]byte, error) {
	s, err := newSealer(wrap)
	if err != nil {
		return nil, err
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("unwrapping the key %s: %w", name, err)
	}
	key, err := s.Open(nil, nil, raw, []byte("identityd audit key "+name))
	if err != nil {
		return nil, fmt.Errorf("unwrapping the key %s: it was wrapped by another secret", name)
	}
	return key, nil
}

func newKey() []byte {
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // never fails: crypto/rand ends the process instead
	return key
}
