package secrets

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/hex"
)

// Fingerprint names a secret without giving it away: people compare it, and the database keeps it. It is
// slow on purpose, for secrets that people thought out.
func Fingerprint(kind, value string) string {
	const rounds, size = 20_000, 6
	key, err := pbkdf2.Key(sha256.New, value, []byte("identityd secret "+kind), rounds, size)
	if err != nil {
		return "" // only in FIPS mode, which refuses salts this short
	}
	return hex.EncodeToString(key)
}
