package forwardauth

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// deepest is how often a path may be encoded beyond once.
	deepest = 3
	// mostReadings bounds the work for one request; a path that has more is made to have them.
	mostReadings = 200
)

// What has a meaning in a path may have been written encoded. Some servers take it for what it means, and some,
// browsers' own parser among them, only for a letter of a name: until that is decided a control character stands
// for it, which no sound path has.
const (
	encodedSlash = iota + 1
	encodedBackslash
	encodedSemicolon
	encodedQuestion
	encodedHash
	encodedDot
	meaning = `/\;?#.` // in that order
)

// readings returns every path that a server behind a proxy may take an encoded one for. What servers do is a few
// steps: decode, resolve dots and double slashes, cut what stands behind a semicolon, take a backslash for a slash.
// Which of them they do, and in which order, differs, so every order is followed. What is still encoded at the end
// is a letter of a name. It is false for a path that cannot be told apart from an attack.
func readings(encoded string) ([]string, bool) {
	once, ok := decoded(encoded)
	if !ok || !wellEncoded(encoded) || !sound(once) {
		return nil, false
	}
	if plain(encoded) {
		return []string{once}, true
	}
	for at, depth := once, 0; strings.Contains(at, "%"); depth++ {
		next, ok := decoded(at)
		if !ok || depth == deepest || !sound(next) {
			return nil, false
		}
		if next == at {
			break
		}
		at = next
	}
	out := []string{once}
	for i := 0; i < len(out); i++ {
		for _, step := range steps() {
			next := step(out[i])
			if slices.Contains(out, next) {
				continue
			}
			if len(out) == mostReadings {
				return nil, false
			}
			out = append(out, next)
		}
	}
	return out, true
}

// steps are what servers do to a path. Each of them takes something away, so that following them ends.
func steps() []func(string) string {
	out := []func(string) string{
		func(p string) string { next, _ := decoded(p); return next },
		func(p string) string { return strings.ReplaceAll(p, `\`, "/") },
		withoutParameters,
		func(p string) string { return resolved(p, false) },
		func(p string) string { return resolved(p, true) },
	}
	for i := range len(meaning) {
		out = append(out, func(p string) string { return strings.ReplaceAll(p, string(rune(i+1)), meaning[i:i+1]) })
	}
	return out
}

// decoded undoes one encoding, and leaves alone what is none, as lenient servers do. It is false where the result is
// no text.
func decoded(p string) (string, bool) {
	var out strings.Builder
	for i := 0; i < len(p); i++ {
		c, encoded := octet(p[i:])
		if !encoded {
			out.WriteByte(p[i])
			continue
		}
		i += 2
		switch at := strings.IndexByte(meaning, c); {
		case c < ' ':
			return p, false
		case at >= 0:
			out.WriteByte(byte(at + 1))
		default:
			out.WriteByte(c)
		}
	}
	return out.String(), utf8.ValidString(out.String())
}

// octet is what an encoded one stands for.
func octet(s string) (c byte, ok bool) {
	if len(s) < 3 || s[0] != '%' {
		return 0, false
	}
	for _, digit := range []byte(s[1:3]) {
		at := strings.IndexByte("0123456789abcdef", digit|0x20)
		if at < 0 || digit < '0' {
			return 0, false
		}
		c = c<<4 | byte(at)
	}
	return c, true
}

func wellEncoded(p string) bool {
	for i := range len(p) {
		if _, ok := octet(p[i:]); p[i] == '%' && !ok {
			return false
		}
	}
	return true
}

// plain paths are read in one way by everybody.
func plain(encoded string) bool {
	return !strings.ContainsAny(encoded, `%\;?#`) && !strings.Contains(encoded, "//") && !strings.Contains(encoded, "/.")
}

// sound paths are text that begins where a path does.
func sound(p string) bool {
	return strings.HasPrefix(p, "/") && utf8.ValidString(p) &&
		!strings.ContainsFunc(p, func(r rune) bool { return unicode.IsControl(r) && r > encodedDot })
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
