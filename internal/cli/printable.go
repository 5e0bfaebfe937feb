package cli

import (
	"strings"
	"unicode"
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
