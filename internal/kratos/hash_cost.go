package kratos

import (
	"encoding/json"
	"fmt"
	"strings"

	kidentity "github.com/ory/kratos/identity"
)

// Bounds of an imported password hash. Whoever signs in pays what the hash asks for, in memory and time, at
// each try, and what it asks for is in the hash (docs/ory-quirks.md#q89). They are above what
// OWASP's Password Storage Cheat Sheet recommends, and what other systems make by default.
const (
	mostMemory     = 256 << 10 // KiB
	mostPasses     = 12
	mostMemoryTime = 1 << 20 // KiB times passes
	mostLanes      = 16
	mostBcrypt     = 14
	mostPBKDF2     = 2_000_000
	mostRounds     = 1_000_000 // of sha256crypt and sha512crypt
	mostKey        = 128
	longestHash    = 2048
)

func hashOf(i *kidentity.Identity) []byte {
	var c struct {
		Hash string `json:"hashed_password"`
	}
	if json.Unmarshal(i.Credentials[kidentity.CredentialsTypePassword].Config, &c) != nil {
		return nil
	}
	return []byte(c.Hash)
}

// costly returns why a hash must not be kept, empty for nothing. It reads them as Kratos does
// (kratos: hash/hash_comparator.go); what it cannot read, nobody can sign in with.
func costly(raw []byte) string {
	hash := string(raw)
	if len(hash) > longestHash {
		return fmt.Sprintf("is a hash of more than %d characters", longestHash)
	}
	parts := strings.Split(hash, "$")
	if len(parts) < 3 {
		return ""
	}
	switch kind := parts[1]; {
	case kind == "argon2id", kind == "argon2i":
		return costlyArgon2(at(parts, 3))
	case strings.HasPrefix(kind, "2"):
		var cost int
		scan(parts[2], "%d", &cost)
		return above("asks for a bcrypt cost", cost, mostBcrypt)
	case strings.HasPrefix(kind, "pbkdf2-"):
		var rounds, key int
		scan(parts[2], "i=%d,l=%d", &rounds, &key)
		return first(above("asks for PBKDF2 iterations", rounds, mostPBKDF2), above("asks for a PBKDF2 key", key, mostKey))
	case kind == "scrypt":
		var n, r, p int
		scan(parts[2], "ln=%d,r=%d,p=%d", &n, &r, &p)
		return costlyScrypt(n, r, p)
	case kind == "firescrypt":
		var n, r, p int
		scan(parts[2], "ln=%d,r=%d,p=%d", &n, &r, &p)
		if n > 30 {
			return above("asks for a scrypt cost", n, 30)
		}
		return costlyScrypt(1<<max(n, 0), r, p)
	case kind == "sha256-crypt", kind == "sha512-crypt":
		var rounds int
		for _, part := range parts {
			scan(part, "rounds=%d", &rounds)
		}
		return above("asks for rounds", rounds, mostRounds)
	}
	return ""
}

func costlyArgon2(params string) string {
	var memory, passes, lanes int
	scan(params, "m=%d,t=%d,p=%d", &memory, &passes, &lanes)
	return first(
		above("asks for KiB of memory", memory, mostMemory), above("asks for passes", passes, mostPasses),
		above("asks for lanes", lanes, mostLanes), above("asks for KiB of memory in all passes", memory*passes, mostMemoryTime),
	)
}

// costlyScrypt: memory is 128 bytes times n and r, and time goes with the lanes too.
func costlyScrypt(n, r, p int) string {
	const most = mostMemory << 10 / 128
	return first(
		above("asks for a scrypt cost", n, most), above("asks for scrypt blocks", r, most), above("asks for scrypt lanes", p, mostLanes),
		above("asks for scrypt memory", n*r, most), above("asks for scrypt work", n*r*p, 2*most),
	)
}

func scan(s, format string, into ...any) {
	//nolint:errcheck // what is not there is 0
	fmt.Sscanf(s, format, into...)
}

func at(parts []string, i int) string {
	if i < len(parts) {
		return parts[i]
	}
	return ""
}

func above(what string, got, most int) string {
	if got > most || got < 0 {
		return fmt.Sprintf("%s beyond what a sign-in may cost (got %d, at most %d)", what, got, most)
	}
	return ""
}

func first(reasons ...string) string {
	for _, r := range reasons {
		if r != "" {
			return r
		}
	}
	return ""
}
