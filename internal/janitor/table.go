package janitor

import (
	"strconv"
	"strings"
	"time"

	"example.com/identityd/internal/store"
)

// database says in which of the two databases a table is.
type database int

const (
	inHydra database = iota
	inKratos
)

// table is one table that is kept clean. A new one is one more row of tables.
type table struct {
	name string
	in   database
	// key is the primary key, by which the table is walked.
	key string
	// order is a column of timestamps with an index, by which servers walk the table instead, as far as
	// until says. Empty where there is no such index: Ory's tables are not altered.
	order string
	// until bounds the walk along order: what comes later cannot be dead.
	until func(*clause) time.Time
	// millis says that order holds milliseconds since 1970.
	millis bool
	// dead is the condition that a row meets that nobody can need again.
	dead func(*clause) string
	// shared is true of a table without the column nid, which is the same for all tenants.
	shared bool
}

// tables are all of them, in the order in which they are cleaned: what refers to a row goes before it.
func tables() []table {
	return append(append(hydraTables(), kratosTables()...), ownTables()...)
}

// clause collects the arguments of one statement while its text is being written.
type clause struct {
	dialect store.Dialect
	limits  Limits
	now     time.Time
	args    []any
}

// arg adds an argument and returns its placeholder. SQLite numbers $1 by its first appearance in the
// text, ?1 by its number.
func (c *clause) arg(v any) string {
	c.args = append(c.args, v)
	if c.dialect == store.SQLite {
		return "?" + strconv.Itoa(len(c.args))
	}
	return "$" + strconv.Itoa(len(c.args))
}

// ago is the instant that is d before now.
func (c *clause) ago(d time.Duration) time.Time { return c.now.Add(-d) }

// before says that a column of the row x is past the instant t.
func (c *clause) before(column string, t time.Time) string { return c.past("x."+column, "", t) }

// past says that an expression, plus the seconds that another one holds, is past the instant t. NULL
// never is. SQLite keeps timestamps as text in the time zone of whoever wrote it, so that comparing
// the text would be wrong by up to a day; what unixepoch cannot read is NULL, and stays.
func (c *clause) past(at, seconds string, t time.Time) string {
	if c.dialect == store.SQLite {
		if seconds != "" {
			seconds = " + " + seconds
		}
		return "unixepoch(" + at + ")" + seconds + " < " + c.arg(t.Unix())
	}
	if seconds != "" {
		seconds = " + " + seconds + " * interval '1 second'"
	}
	return at + seconds + " < " + c.instant(t)
}

// instant is a placeholder of a timestamp without time zone, which both engines use for UTC.
func (c *clause) instant(t time.Time) string { return c.arg(t.UTC()) }

// moment is a placeholder of a place along an order: an instant, or milliseconds.
func (c *clause) moment(at any) string {
	if t, ok := at.(time.Time); ok {
		return c.instant(t)
	}
	return c.arg(at)
}

// in is a list of placeholders.
func (c *clause) in(keys []any) string {
	var b strings.Builder
	for i, key := range keys {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(c.arg(key))
	}
	return b.String()
}

// none says that a correlated query finds nothing. PostgreSQL may choose to read the whole inner table
// for NOT EXISTS, when its statistics are old; not for this form of the same.
func (c *clause) none(query string) string {
	if c.dialect == store.Postgres {
		return "(" + query + " LIMIT 1) IS NULL"
	}
	return "NOT EXISTS (" + query + ")"
}
