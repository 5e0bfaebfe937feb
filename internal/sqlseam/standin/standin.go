package standin

import (
	"strings"
	"sync/atomic"

	"example.com/identityd/internal/sqlseam"
)

// Register is sqlseam.RegisterWith(Rewrite). It has to be called before anything registers the
// drivers, in TestMain.
func Register() error { return sqlseam.RegisterWith(Rewrite) }

// Version is what the stand-in says it is.
const Version = "CockroachDB CCL v24.3.0"

// versionAnswer is what SELECT version() becomes. It does not hide what answers.
const versionAnswer = "SELECT '" + Version + " (stand-in: ' || version() || ')'"

// honest is how many calls of AsItself run.
var honest atomic.Int32 //nolint:gochecknoglobals // the drivers are the process', and so is the stand-in

// AsItself runs f while the server says what it is. Migrations have to meet PostgreSQL.
func AsItself(f func()) {
	honest.Add(1)
	defer honest.Add(-1)
	f()
}

// Rewrite removes index hints: table@index, table@{FORCE_INDEX=index}. An @ that begins an operator of
// PostgreSQL, or stands in a literal, a name or a comment, stays. SELECT version(), exactly so, is answered
// as CockroachDB would, a transaction that reads the past (internal/move) reads the present, and an UPDATE loses its limit:
// Kratos limits those of one row (persister_sessiontokenexchanger.go).
func Rewrite(query string) string {
	switch {
	case query == "SELECT version()" && honest.Load() == 0:
		return versionAnswer
	case query == "SELECT cluster_logical_timestamp()::string":
		return "SELECT (extract(epoch FROM clock_timestamp()) * 1000000000)::bigint || '.0000000000'"
	case strings.HasPrefix(query, "SET TRANSACTION AS OF SYSTEM TIME "):
		return "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"
	case strings.HasPrefix(query, "UPDATE ") && strings.HasSuffix(query, " LIMIT 1"):
		query = strings.TrimSuffix(query, " LIMIT 1")
	}
	if !strings.Contains(query, "@") {
		return query
	}
	var out strings.Builder
	for i := 0; i < len(query); {
		if n := quoted(query[i:]); n > 0 {
			out.WriteString(query[i : i+n])
			i += n
			continue
		}
		if query[i] == '@' && i > 0 && (letter(query[i-1]) || query[i-1] == '"') {
			if n := hint(query[i+1:]); n > 0 {
				i += 1 + n
				continue
			}
		}
		out.WriteByte(query[i])
		i++
	}
	return out.String()
}

// quoted returns the length of the literal, name or comment that a text begins with, or 0.
func quoted(s string) int {
	for _, pair := range [...]struct{ open, end string }{{"'", "'"}, {`"`, `"`}, {"--", "\n"}, {"/*", "*/"}} {
		if strings.HasPrefix(s, pair.open) {
			return through(s, len(pair.open), pair.end)
		}
	}
	// A dollar quote: $$ or $tag$, but not the parameter $1.
	if s[0] == '$' {
		end := 1
		for end < len(s) && letter(s[end]) {
			end++
		}
		if end < len(s) && s[end] == '$' && (end == 1 || !digit(s[1])) {
			return through(s, end+1, s[:end+1])
		}
	}
	return 0
}

// through returns the length up to the end of a closing mark. A doubled quote opens another literal
// right away, which comes to the same.
func through(s string, from int, end string) int {
	if i := strings.Index(s[from:], end); i >= 0 {
		return from + i + len(end)
	}
	return len(s)
}

// hint returns the length of what follows the @ of a hint, or 0 where it is none.
func hint(s string) int {
	switch {
	case s == "":
		return 0
	case s[0] == '{':
		return through(s, 1, "}")
	case s[0] == '"':
		return through(s, 1, `"`)
	case digit(s[0]):
		return 0
	}
	n := 0
	for n < len(s) && letter(s[n]) {
		n++
	}
	return n
}

// letter reports whether a byte may be part of a name.
func letter(b byte) bool {
	return b == '_' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || digit(b) || b >= 0x80
}

func digit(b byte) bool { return b >= '0' && b <= '9' }
