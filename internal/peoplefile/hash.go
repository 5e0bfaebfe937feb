package peoplefile

import (
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Hash writes the hash of a password as Kratos reads it. What crypt(3), Django and others call by another name is
// rewritten; what is known by nobody is refused, because nobody could sign in with it.
func Hash(text string) (string, error) {
	hash, err := kratosHash(text)
	if err == nil && !WellFormed(hash) {
		return "", fmt.Errorf("begins like a hash and cannot be read as one to its end (got %s), so that nobody could sign in with it", Shape(text))
	}
	return hash, err
}

func kratosHash(text string) (string, error) {
	for old, kratos := range map[string]string{"$1$": "$md5-crypt$", "$5$": "$sha256-crypt$", "$6$": "$sha512-crypt$"} {
		if rest, ok := strings.CutPrefix(text, old); ok {
			return kratos + rest, nil
		}
	}
	if rest, ok := strings.CutPrefix(text, "{CRYPT}"); ok {
		return kratosHash(rest)
	}
	if rest, ok := strings.CutPrefix(text, "pbkdf2_sha256$"); ok {
		return django(rest)
	}
	for _, known := range kinds() {
		if strings.HasPrefix(text, known) {
			return text, nil
		}
	}
	if regexp.MustCompile(`^\$(pbkdf2-sha[0-9]{1,3}|hmac-[a-z0-9]+)\$`).MatchString(text) {
		return text, nil
	}
	return "", fmt.Errorf("must be a hash of a kind that is known (got %s); known are argon2, bcrypt, scrypt, PBKDF2, crypt, SSHA, SHA, MD5 and HMAC, "+
		"as in docs/people.md, and a person without one comes in by recovery", Shape(text))
}

// kinds are how the hashes begin that Kratos verifies as they are (kratos: hash/hash_comparator.go).
func kinds() []string {
	return []string{
		"$argon2id$", "$argon2i$", "$2a$", "$2b$", "$2y$", "$2z$", "$2$", "$scrypt$", "$firescrypt$",
		"$md5-crypt$", "$sha256-crypt$", "$sha512-crypt$", "{SSHA}", "{SSHA256}", "{SSHA512}",
		"$sha1$", "$sha256$", "$sha512$", "$md5$",
	}
}

// django reads what comes after pbkdf2_sha256$ there: iterations, a salt as it is, and the key in base64.
func django(rest string) (string, error) {
	parts := strings.Split(rest, "$")
	bad := errors.New("must be iterations, salt and hash after pbkdf2_sha256")
	if len(parts) != 3 {
		return "", bad
	}
	rounds, err := strconv.Atoi(parts[0])
	key, decoding := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || decoding != nil {
		return "", bad
	}
	return pbkdf2("sha256", rounds, []byte(parts[1]), key), nil
}

func pbkdf2(digest string, rounds int, salt, key []byte) string {
	return fmt.Sprintf("$pbkdf2-%s$i=%d,l=%d$%s$%s", digest, rounds, len(key), raw(salt), raw(key))
}

func raw(b []byte) string { return base64.RawStdEncoding.EncodeToString(b) }

// anyBase64 reads both alphabets, with padding and without.
func anyBase64(s string) ([]byte, error) {
	s = strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(s), "=")
	return base64.RawStdEncoding.DecodeString(s)
}
