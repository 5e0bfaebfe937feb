package forwardauth

import (
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// deepest is how often a path may be encoded.
const deepest = 3

// readings returns every path that a server behind a proxy may take an encoded one for: with dots and double
// slashes resolved or left alone, with or without what stands behind a semicolon, a backslash as a slash, decoded
// once or until nothing is left. It is false for a path that cannot be told apart from an attack.
func readings(encoded string) ([]string, bool) {
	once, err := url.PathUnescape(encoded)
	if err != nil || !sound(once) {
		return nil, false
	}
	if plain(encoded) {
		return []string{once}, true
	}
	decoded := []string{once}
	for at := once; strings.Contains(at, "%"); {
		next, err := url.PathUnescape(at)
		if err != nil || next == at {
			break
		}
		if len(decoded) > deepest || !sound(next) {
			return nil, false
		}
		decoded, at = append(decoded, next), next
	}
	var out []string
	add := func(p string) {
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	for _, p := range decoded {
		for _, p := range []string{p, strings.ReplaceAll(p, `\`, "/")} {
			for _, p := range []string{p, withoutParameters(p)} {
				add(p)
				add(resolved(p, false))
				add(resolved(p, true))
			}
		}
	}
	return out, true
}

// plain paths are read in one way by everybody.
func plain(encoded string) bool {
	return !strings.ContainsAny(encoded, `%\;?#`) && !strings.Contains(encoded, "//") && !strings.Contains(encoded, "/.")
}

func sound(p string) bool {
	return strings.HasPrefix(p, "/") && utf8.ValidString(p) && !strings.ContainsFunc(p, unicode.IsControl)
}

// withoutParameters cuts each segment at its semicolon, and the path at what begins a query.
func withoutParameters(p string) string {
	if cut := strings.IndexAny(p, "?#"); cut >= 0 {
		p = p[:cut]
	}
	parts := strings.Split(p, "/")
	for i, part := range parts {
		parts[i], _, _ = strings.Cut(part, ";")
	}
	return strings.Join(parts, "/")
}

// resolved removes dots, as RFC 3986 section 5.2.4 does it, where an empty segment is one, or as servers do that
// take many slashes for one.
func resolved(p string, empties bool) string {
	var out []string
	for part := range strings.SplitSeq(strings.TrimPrefix(p, "/"), "/") {
		switch {
		case part == ".", part == "" && !empties:
		case part == "..":
			out = out[:max(len(out)-1, 0)]
		default:
			out = append(out, part)
		}
	}
	return "/" + strings.Join(out, "/")
}
