package cli

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// printable keeps out of a terminal what would move its cursor or reorder its text: names are written by
// whoever made the client or the account.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '\uFFFD'
	}, s)
}

// jsonOnly writes JSON of whose texts a terminal shows no more than of printable ones: the rest is escaped, which is the
// same to whoever reads it. encoding/json does so below U+0020 alone, and U+009B begins a sequence as ESC [ does.
type jsonOnly struct{ io.Writer }

// Write implements io.Writer, for whole values.
func (j jsonOnly) Write(raw []byte) (int, error) {
	if !bytes.ContainsFunc(raw, hidden) {
		return j.Writer.Write(raw)
	}
	out := make([]byte, 0, len(raw)+64)
	for rest := raw; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		switch high, low := utf16.EncodeRune(r); {
		case !hidden(r):
			out = append(out, rest[:n]...)
		case high == unicode.ReplacementChar: // it is one unit
			out = fmt.Appendf(out, `\u%04x`, r)
		default:
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		}
		rest = rest[n:]
	}
	if _, err := j.Writer.Write(out); err != nil {
		return 0, err
	}
	return len(raw), nil
}

// hidden is what is not printable inside of texts. Line ends of JSON are outside of them.
func hidden(r rune) bool { return r >= 0x7f && !unicode.IsPrint(r) }
