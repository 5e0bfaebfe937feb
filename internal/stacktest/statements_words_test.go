package stacktest

import "strings"

// kindAndTable is what a statement does and to which tables, in short.
func kindAndTable(query string) string {
	words := strings.Fields(strings.ToLower(query))
	if len(words) == 0 {
		return ""
	}
	out := words[0]
	for i, w := range words[:len(words)-1] {
		switch w {
		case "from", "join", "into", "update":
			if table := strings.Trim(words[i+1], `"(),`); table != "" && table != "set" && table != "select" {
				out += " " + table
			}
		}
	}
	return out
}

// afterFrom leaves the columns out that a SELECT names.
func afterFrom(query string) string {
	lower := strings.ToLower(query)
	if i := strings.Index(lower, " where "); i >= 0 {
		return query[i+1:]
	}
	return query
}
