package sqlseam

import (
	"strings"
	"unicode"
)

// single reports whether a text is one statement that reads or writes rows: one that controls
// transactions, or follows another, may leave an effect behind when it fails. A semicolon within a
// literal costs a repetition and no more.
func single(query string) bool {
	query = strings.TrimRight(skipComments(query), "; \t\r\n")
	if strings.Contains(query, ";") {
		return false
	}
	end := strings.IndexFunc(query, func(r rune) bool { return !unicode.IsLetter(r) })
	if end < 0 {
		return false
	}
	switch strings.ToUpper(query[:end]) {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "UPSERT", "WITH":
		return true
	}
	return false
}

func skipComments(query string) string {
	for {
		query = strings.TrimLeft(query, "( \t\r\n")
		var found bool
		switch {
		case strings.HasPrefix(query, "--"):
			_, query, found = strings.Cut(query, "\n")
		case strings.HasPrefix(query, "/*"):
			_, query, found = strings.Cut(query, "*/")
		default:
			return query
		}
		if !found {
			return ""
		}
	}
}
