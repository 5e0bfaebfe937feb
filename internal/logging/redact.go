package logging

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
)

// hidden stands for a value that must not be read.
const hidden = "***"

// Redactor hides secrets in what is about to be written. It is safe for concurrent use.
type Redactor struct {
	rules []maskRule
}

// NewRedactor returns a Redactor with the rules of the house.
func NewRedactor() *Redactor { return &Redactor{rules: maskRules()} }

// Attr is a slog.HandlerOptions.ReplaceAttr. It hides the values of keys that name a secret, and
// what Text hides inside of all others.
func (r *Redactor) Attr(groups []string, a slog.Attr) slog.Attr {
	if secretKey(a.Key) {
		return slog.String(a.Key, hidden)
	}
	for _, g := range groups {
		if secretKey(g) {
			return slog.String(a.Key, hidden)
		}
	}
	switch a.Value.Kind() {
	case slog.KindString:
		return slog.String(a.Key, r.Text(a.Value.String()))
	case slog.KindAny:
		return slog.Any(a.Key, r.anything(a.Value.Any()))
	default:
		return a
	}
}

// anything reads what is not a plain value the way the JSON handler would, since a secret three
// fields down is written as well.
func (r *Redactor) anything(v any) (shown any) {
	// The Error of a nil pointer may panic, and slog does not guard ReplaceAttr as it guards its own
	// formatting.
	defer func() {
		if recover() != nil {
			shown = unwritable(v)
		}
	}()
	switch v := v.(type) {
	case nil, slog.Level, *slog.Source:
		return v
	case error:
		return r.Text(v.Error())
	case fmt.Stringer:
		return r.Text(v.String())
	}
	encoded, err := json.Marshal(v)
	if err != nil {
		return unwritable(v)
	}
	var plain any
	if err := json.Unmarshal(encoded, &plain); err != nil {
		return unwritable(v)
	}
	return r.plain(plain)
}

func unwritable(v any) string { return fmt.Sprintf("a value of type %T that cannot be written", v) }

func (r *Redactor) plain(v any) any {
	switch v := v.(type) {
	case string:
		return r.Text(v)
	case []any:
		for i := range v {
			v[i] = r.plain(v[i])
		}
	case map[string]any:
		for key, value := range v {
			if secretKey(key) {
				v[key] = hidden
			} else {
				v[key] = r.plain(value)
			}
		}
	}
	return v
}

// secretKey errs on the side of hiding: a hidden value costs a look elsewhere, a shown one costs a
// rotation.
func secretKey(key string) bool {
	key = strings.ReplaceAll(strings.ToLower(key), "-", "_")
	switch key {
	case "code", "dsn", "cookies", "secrets", "tokens", "passwords", "credentials", "pkce":
		return true
	}
	for _, end := range []string{
		"password", "passwd", "secret", "token", "cookie", "authorization", "challenge", "verifier",
		"private_key", "api_key", "_code_hash", "user_code", "device_code", "one_time_code", "_dsn",
		"id_token_hint",
	} {
		if strings.HasSuffix(key, end) {
			return true
		}
	}
	return false
}
