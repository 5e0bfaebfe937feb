package clientaddr

import "strings"

// forwarded returns the for parameter of each element of a Forwarded header (RFC 7239 section 4), without
// its quotes. An element without one is an empty entry, which is no address: the hop is there, and said
// nothing. So is one that does not keep to the grammar: a client that leaves a quote open makes what its
// proxy adds a part of its own element, and would else choose what is found there.
func forwarded(header string) []string {
	var out []string
	for _, element := range split(header, ',') {
		out = append(out, forOf(element))
	}
	return out
}

// forOf returns the for parameter of an element, empty where it has none, two, or is malformed.
func forOf(element string) string {
	entry := ""
	for _, pair := range split(element, ';') {
		name, value, ok := strings.Cut(strings.TrimSpace(pair), "=")
		value, sound := unquote(value)
		if !ok || !sound || !isName(name) {
			return ""
		}
		if !strings.EqualFold(name, "for") {
			continue
		}
		if entry != "" {
			return ""
		}
		entry = value
	}
	return entry
}

// isName reports whether a parameter's name is one: a quote in it belongs to what the client left open.
func isName(s string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	return s != "" && strings.Trim(s, letters) == ""
}

// split cuts at a separator that is not within quotes.
func split(s string, at byte) []string {
	var (
		out    []string
		begin  int
		quoted bool
	)
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == at && !quoted:
			out, begin = append(out, s[begin:i]), i+1
		}
	}
	return append(out, s[begin:])
}

// unquote reads a token or a quoted string (RFC 9110 section 5.6.4), and reports whether s is either.
func unquote(s string) (string, bool) {
	inner, ok := strings.CutPrefix(s, `"`)
	if !ok {
		return s, !strings.Contains(s, `"`)
	}
	var out strings.Builder
	for i := 0; i < len(inner); i++ {
		switch inner[i] {
		case '"':
			return out.String(), i == len(inner)-1
		case '\\':
			if i++; i == len(inner) {
				return "", false
			}
		}
		out.WriteByte(inner[i])
	}
	return "", false
}
