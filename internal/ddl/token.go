package ddl

import "strings"

// token is a word, a quoted name, a string or a sign of SQL.
type token struct {
	text string
	// quoted names keep their case; words are compared without it.
	quoted bool
	// literal is a string.
	literal bool
}

// is reports an unquoted word, in capitals.
func (t token) is(word string) bool {
	return !t.quoted && !t.literal && strings.EqualFold(t.text, word)
}

// name is the identifier as the catalog has it.
func (t token) name() string {
	if t.quoted {
		return t.text
	}
	return strings.ToLower(t.text)
}

// Statements splits a script at its semicolons.
func Statements(script string) []string {
	var out []string
	for rest := script; rest != ""; {
		end := statementEnd(rest)
		if s := strings.TrimSpace(rest[:end]); len(tokens(s)) > 0 {
			out = append(out, s)
		}
		rest = strings.TrimPrefix(rest[end:], ";")
	}
	return out
}

func statementEnd(s string) int {
	for i := 0; i < len(s); {
		if s[i] == ';' {
			return i
		}
		n, _ := next(s[i:])
		i += n
	}
	return len(s)
}

func tokens(s string) []token {
	var out []token
	for len(s) > 0 {
		n, t := next(s)
		if t != (token{}) {
			out = append(out, t)
		}
		s = s[n:]
	}
	return out
}

// next returns how long the next token is; it is empty for blanks and comments.
func next(s string) (int, token) {
	switch c := s[0]; {
	case strings.ContainsRune(" \t\r\n", rune(c)):
		return 1, token{}
	case strings.HasPrefix(s, "--"):
		return until(s, "\n", 0), token{}
	case strings.HasPrefix(s, "/*"):
		return until(s, "*/", 2), token{}
	case c == '"':
		n := until(s, `"`, 1)
		return n, token{text: strings.Trim(s[:n], `"`), quoted: true}
	case c == '\'':
		n := until(s, "'", 1)
		for n < len(s) && s[n] == '\'' { // '' is a quote within
			n += until(s[n:], "'", 1)
		}
		return n, token{text: s[:n], literal: true}
	case c == '$':
		if tag := strings.IndexByte(s[1:], '$'); tag >= 0 && word(s[1:1+tag]) == tag {
			mark := s[:tag+2]
			return until(s, mark, len(mark)), token{text: "$$", literal: true}
		}
		return 1, token{text: "$"}
	}
	if n := word(s); n > 0 {
		return n, token{text: s[:n]}
	}
	return 1, token{text: s[:1]}
}

// until returns the length up to and with mark, which is looked for after skip bytes.
func until(s, mark string, skip int) int {
	if i := strings.Index(s[skip:], mark); i >= 0 {
		return skip + i + len(mark)
	}
	return len(s)
}

func word(s string) int {
	for i := range len(s) {
		c := s[i]
		if c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c < 0x80 {
			return i
		}
	}
	return len(s)
}
