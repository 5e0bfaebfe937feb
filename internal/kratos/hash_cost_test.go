package kratos

import (
	"strings"
	"testing"

	"example.com/identityd/internal/tried"
)

func TestHashesThatCostTooMuch(t *testing.T) {
	good := []string{
		"", "x", "$2a$12$o6hx.Wog/wvFSkT/Bp/6DOxCtLRTDj7lm9on9suF/WaCGNVHbkfL6", "$2b$14$x", "$argon2id$v=19$m=131072,t=3,p=4$c2FsdA$aGFzaA", "$argon2i$v=19$m=65536,t=10,p=1$c2FsdA$aGFzaA",
		"$pbkdf2-sha256$i=600000,l=32$c2FsdA$aGFzaA", "$scrypt$ln=131072,r=8,p=1$c2FsdA$aGFzaA", "$firescrypt$ln=14,r=8,p=1$c2FsdA$aGFzaA$x$y", "{SSHA}x", "$sha1$pf=x$y$z", "$md5-crypt$x$y",
		"$sha512-crypt$rounds=656000$salt$hash",
	}
	for _, hash := range good {
		if got := costly([]byte(hash)); got != "" {
			t.Errorf("%.40s: got %q, want it kept", hash, got)
		}
	}
	bad := []string{
		"$2a$31$x", "$2b$15$x", "$argon2id$v=19$m=4194304,t=3,p=4$x$y", "$argon2id$v=19$m=65536,t=4000000000,p=4$x$y", "$argon2i$v=19$m=262144,t=12,p=1$x$y",
		"$argon2id$v=19$m=65536,t=1,p=200$x$y", "$pbkdf2-sha512$i=4294967295,l=32$x$y", "$pbkdf2-sha512$i=1000,l=100000000$x$y", "$scrypt$ln=1073741824,r=8,p=1$x$y",
		"$scrypt$ln=16384,r=1073741824,p=1$x$y", "$scrypt$ln=16384,r=8,p=9999$x$y", "$scrypt$ln=-1,r=-8,p=1$x$y", "$firescrypt$ln=31,r=8,p=1$x$y$z$w", "$firescrypt$ln=99999999999,r=8,p=1$x$y$z$w",
		"$sha512-crypt$rounds=999999999$salt$hash", "$2a$10$" + strings.Repeat("x", 5000),
	}
	refused := 0
	for _, hash := range bad {
		if costly([]byte(hash)) == "" {
			t.Errorf("%.60s is kept", hash)
			continue
		}
		refused++
	}
	tried.Report(t, "imported hashes that ask a sign-in for gigabytes or minutes", "%d of %d refused", refused, len(bad))
}

func FuzzHashCost(f *testing.F) {
	for _, seed := range []string{"$2a$12$x", "$argon2id$v=19$m=1,t=1,p=1$x$y", "$scrypt$ln=16384,r=8,p=1$x$y", "$$$", "$firescrypt$ln=-9223372036854775808,r=8,p=1$"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(_ *testing.T, hash []byte) { costly(hash) })
}
