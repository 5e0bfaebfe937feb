package config

import (
	"net/url"
	"regexp"
	"strings"
)

// secretWords mark keys of the verbatim blocks whose values are not printed. Better one too many:
// these blocks may hold anything an engine knows.
var secretWords = regexp.MustCompile(`(?i)(^|[^a-z])(secrets?|passwords?|passwd|pass|passphrase|tokens?|keys?|salt|pepper|dsn|` +
	`credentials?|auth|authorization|bearer|cookie|cipher|private|headers?|jwks?|connection)([^a-z]|$)`)

// camel finds where a word begins inside a key such as clientSecret.
var camel = regexp.MustCompile(`([a-z0-9])([A-Z])`)

// masked returns a copy of a verbatim block without what looks like a secret: everything below a key
// with such a name, what stands before the host of an address and after its question mark, and
// private keys.
func masked(block map[string]any) map[string]any {
	out := make(map[string]any, len(block))
	for name, v := range block {
		if secretWords.MatchString(camel.ReplaceAllString(name, "${1}_${2}")) {
			out[name] = hidden(v)
			continue
		}
		out[name] = maskedValue(v)
	}
	return out
}

func maskedValue(v any) any {
	switch x := v.(type) {
	case map[string]any:
		return masked(x)
	case []any:
		out := make([]any, len(x))
		for i, item := range x {
			out[i] = maskedValue(item)
		}
		return out
	case string:
		return maskedText(x)
	}
	return v
}

// hidden keeps the shape and what cannot be a secret: switches and durations, as in ttl.access_token.
func hidden(v any) any {
	switch x := v.(type) {
	case nil, bool:
		return x
	case map[string]any:
		out := make(map[string]any, len(x))
		for name, inner := range x {
			out[name] = hidden(inner)
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i, item := range x {
			out[i] = hidden(item)
		}
		return out
	case string:
		if _, isDuration := parseDays(x); isDuration || x == "" {
			return x
		}
	}
	return redacted
}

func maskedText(s string) string {
	if strings.Contains(s, "PRIVATE KEY") {
		return redacted
	}
	if !strings.Contains(s, "://") {
		return s
	}
	u, err := url.Parse(s)
	if err != nil {
		// It is no address, or one with an unencoded password.
		return redacted
	}
	switch {
	case u.Scheme == "base64":
		return s
	case u.User != nil && u.RawQuery != "":
		return u.Scheme + "://" + redacted + "@" + u.Host + u.Path + "?" + redacted
	case u.User != nil:
		return u.Scheme + "://" + redacted + "@" + u.Host + u.Path
	case u.RawQuery != "":
		return u.Scheme + "://" + u.Host + u.Path + "?" + redacted
	}
	return s
}
