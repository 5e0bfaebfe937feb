package translate

import (
	"encoding/json"
	"strings"
)

// hidden stands for a secret in the report.
const hidden = "***"

// secretPath reports whether a key holds what nobody else may read.
func secretPath(path string) bool {
	lower := strings.ToLower(path)
	last := lower[strings.LastIndexByte(lower, '.')+1:]
	switch last {
	case "dsn", "pin", "salt", "connection_uri", "authorization_header", "password", "user", "value":
		return true
	case "base64":
		return strings.Contains(lower, ".key.")
	case "headers":
		return !strings.Contains(lower, "smtp.headers")
	}
	return strings.HasPrefix(lower, "secrets.") || strings.Contains(last, "secret") && last != "lookup_secret" || strings.Contains(last, "private_key")
}

// shown returns a value for people, without anything secret.
func shown(e entry) string {
	if secretPath(e.path) {
		if list, ok := e.value.([]any); ok && len(list) > 1 {
			return strings.Repeat(hidden+" ", len(list)-1) + hidden
		}
		return hidden
	}
	raw, err := json.Marshal(masked(e.path, e.value))
	if err != nil {
		return hidden
	}
	if s, ok := e.value.(string); ok {
		raw = []byte(s)
	}
	const most = 72
	out := []rune(strings.ReplaceAll(string(raw), "\n", " "))
	if len(out) > most {
		return string(out[:most-3]) + "..."
	}
	return string(out)
}

// masked hides the secrets inside of maps and lists.
func masked(path string, v any) any {
	switch x := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, one := range x {
			out[name] = masked(path+"."+name, one)
			if inner := strings.ToLower(name); inner == "value" || inner == "authorization" || inner == "user" || secretName(inner) {
				out[name] = hidden
			}
		}
		return out
	case []any:
		out := make([]any, 0, len(x))
		for _, one := range x {
			out = append(out, masked(path, one))
		}
		return out
	}
	return v
}

func secretName(name string) bool {
	for _, word := range []string{"secret", "password", "private_key", "token", "api_key", "api-key"} {
		if strings.Contains(name, word) && name != "token_url" {
			return true
		}
	}
	return false
}

// HoldsSecret reports whether a value of an engine is for its owner alone.
func HoldsSecret(path string, v any) bool {
	if secretPath(path) {
		return true
	}
	a, errA := json.Marshal(v)
	b, errB := json.Marshal(masked(path, v))
	return errA != nil || errB != nil || string(a) != string(b)
}
