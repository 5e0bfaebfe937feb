package ui

import (
	"strings"
	"unicode"
)

// Bounds, in characters, of texts that others chose.
const (
	maxName     = 80
	maxSentence = 400
)

// plain makes a text of somebody else's harmless to show: no control characters, none that turn or
// hide text (right-to-left override, zero width), one line, not longer than limit.
func plain(text string, limit int) string {
	var b strings.Builder
	length, gap := 0, false
	for _, c := range text {
		switch {
		case unicode.IsSpace(c):
			gap = true
			continue
		case !unicode.IsGraphic(c) || c == unicode.ReplacementChar:
			continue
		}
		if length >= limit {
			b.WriteString("…")
			break
		}
		if gap && length > 0 {
			b.WriteByte(' ')
			length++
		}
		gap = false
		b.WriteRune(c)
		length++
	}
	return b.String()
}

// initial returns the letter that stands for a name in place of a logo.
func initial(name string) string {
	for _, c := range name {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			return string(unicode.ToUpper(c))
		}
	}
	return "?"
}

// validID says whether text looks like an id of Kratos' (a UUID, or the like).
func validID(text string) bool {
	if text == "" || len(text) > 64 {
		return false
	}
	return !strings.ContainsFunc(text, func(c rune) bool { return !isWord(c) && c != '-' && c != ':' })
}

// validUUID says whether text is an id as Kratos makes them for sessions.
func validUUID(text string) bool {
	if len(text) != 36 {
		return false
	}
	for i, c := range text {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return false
			}
		} else if !strings.ContainsRune("0123456789abcdef", c) {
			return false
		}
	}
	return true
}
