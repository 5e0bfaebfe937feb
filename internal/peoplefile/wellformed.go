package peoplefile

import (
	"bytes"
	"encoding/base64"
	"regexp"
	"strings"
)

// shortest is how many bytes of a digest are one at least: MD5's. Kratos compares as many as there are
// (docs/ory-quirks.md#q237), so that of a hash that broke off every 256th password fits the last byte, and of one that
// has none every password.
const shortest = 16

// WellFormed reports whether a hash can be read at all, which Kratos finds out at the first sign-in: it looks at
// the beginning alone when it takes one (docs/ory-quirks.md#q211).
func WellFormed(hash string) bool {
	if strings.HasPrefix(hash, "{") {
		return wellFormedSSHA(hash)
	}
	parts := strings.Split(hash, "$")
	if len(parts) < 3 || parts[0] != "" {
		return false
	}
	kind, rest := parts[1], parts[2:]
	matches := func(pattern string) bool { return regexp.MustCompile(pattern).MatchString(hash) }
	switch {
	case kind == "2", kind == "2a", kind == "2b", kind == "2y", kind == "2z":
		return matches(`^\$2[abyz]?\$[0-3][0-9]\$[./A-Za-z0-9]{53}$`)
	case kind == "argon2id", kind == "argon2i":
		return len(rest) == 4 && rest[0] == "v=19" && matches(`\$m=[0-9]+,t=[0-9]+,p=[0-9]+\$`) && all(base64.RawStdEncoding, rest[2:3], 1) && all(base64.RawStdEncoding, rest[3:], shortest)
	case strings.HasPrefix(kind, "pbkdf2-"):
		return len(rest) == 3 && matches(`\$i=[0-9]+,l=[0-9]+\$`) && all(base64.RawStdEncoding, rest[1:2], 1) && all(base64.RawStdEncoding, rest[2:], shortest)
	case kind == "scrypt":
		return len(rest) == 3 && matches(`\$ln=[0-9]+,r=[0-9]+,p=[0-9]+\$`) && all(base64.StdEncoding, rest[1:2], 1) && all(base64.StdEncoding, rest[2:], shortest)
	case kind == "firescrypt": // salt, hash, separator and the key that is encrypted, which is as long as the hash
		return len(rest) == 5 && matches(`\$ln=[0-9]+,r=[0-9]+,p=[0-9]+\$`) && all(base64.StdEncoding, []string{rest[1], rest[3]}, 0) &&
			all(base64.StdEncoding, []string{rest[2], rest[4]}, shortest)
	case kind == "sha1", kind == "sha256", kind == "sha512":
		return len(rest) == 3 && salted(rest)
	case kind == "md5":
		return len(rest) == 1 && all(base64.StdEncoding, rest, shortest) || len(rest) == 3 && salted(rest)
	case strings.HasPrefix(kind, "hmac-"):
		return len(rest) == 2 && all(base64.StdEncoding, rest[:1], shortest) && all(base64.StdEncoding, rest[1:], 1)
	case kind == "md5-crypt":
		return matches(`^\$md5-crypt\$[^$]{0,8}\$[./A-Za-z0-9]{22}$`)
	case kind == "sha256-crypt":
		return matches(`^\$sha256-crypt\$(rounds=[0-9]+\$)?[^$]{0,16}\$[./A-Za-z0-9]{43}$`)
	case kind == "sha512-crypt":
		return matches(`^\$sha512-crypt\$(rounds=[0-9]+\$)?[^$]{0,16}\$[./A-Za-z0-9]{86}$`)
	}
	return false
}

// salted are a format of salt and password, a salt, and a sum.
func salted(rest []string) bool {
	format, ok := strings.CutPrefix(rest[0], "pf=")
	read, _ := base64.StdEncoding.DecodeString(format)
	// Without the password in it, it is the same sum whoever asks.
	return ok && bytes.Contains(read, []byte("{PASSWORD}")) && all(base64.StdEncoding, []string{format}, 1) && all(base64.StdEncoding, rest[2:], shortest) && all(base64.StdEncoding, rest[1:2], 0)
}

// all reports whether texts are base64 and hold some bytes at least.
func all(encoding *base64.Encoding, texts []string, least int) bool {
	for _, text := range texts {
		if b, err := encoding.Strict().DecodeString(text); err != nil || len(b) < least {
			return false
		}
	}
	return true
}

func wellFormedSSHA(hash string) bool {
	for prefix, size := range map[string]int{"{SSHA}": 20, "{SSHA256}": 32, "{SSHA512}": 64} {
		if rest, ok := strings.CutPrefix(hash, prefix); ok {
			b, err := base64.StdEncoding.DecodeString(rest)
			return err == nil && len(b) > size
		}
	}
	return false
}
