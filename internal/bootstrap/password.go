package bootstrap

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
)

// NewPassword returns a password of 192 bits that needs no encoding in a URL.
func NewPassword() string {
	var b [24]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// The form of RFC 5803 that both kinds of server store. PostgreSQL takes any count, CockroachDB from 4096 on.
const scramIterations = 4096

// Verifier returns what a server stores of a password (SCRAM-SHA-256), which cannot be used to log in.
// A password outside of printable ASCII would have to be normalized as each client does it, and is refused.
func Verifier(password string) (string, error) {
	if password == "" {
		return "", fmt.Errorf("the password is empty")
	}
	for _, r := range password {
		if r < ' ' || r > '~' {
			return "", fmt.Errorf("the password has characters outside of printable ASCII; choose another one, or set it by hand")
		}
	}
	var salt [16]byte
	rand.Read(salt[:])
	return verifier(password, salt[:], scramIterations)
}

func verifier(password string, salt []byte, iterations int) (string, error) {
	salted, err := pbkdf2.Key(sha256.New, password, salt, iterations, sha256.Size)
	if err != nil {
		return "", fmt.Errorf("deriving the verifier of a password: %w", err)
	}
	key := func(label string) []byte {
		m := hmac.New(sha256.New, salted)
		m.Write([]byte(label))
		return m.Sum(nil)
	}
	stored := sha256.Sum256(key("Client Key"))
	b64 := base64.StdEncoding.EncodeToString
	return "SCRAM-SHA-256$" + strconv.Itoa(iterations) + ":" + b64(salt) + "$" + b64(stored[:]) + ":" + b64(key("Server Key")), nil
}
