package sqlseam

import (
	"context"
	"net/url"
	"path"
	"strings"
	"time"
)

// Statement is one that was sent.
type Statement struct {
	// Database is its name, or that of SQLite's file without folder and ending.
	Database string
	// Query is the text without its arguments, or Begin.
	Query string
}

// Tracer is told of each statement with what came of it, and of the ends of transactions. Its ctx is that of the
// statement.
type Tracer func(ctx context.Context, s Statement, began time.Time, err error)

// Begin is told in place of a statement when a transaction is opened, which is a round trip that the
// record does not count.
const Begin = "BEGIN"

// Commit and Rollback are told to a Tracer.
const (
	Commit   = "COMMIT"
	Rollback = "ROLLBACK"
)

// Trace calls t from now on. It is for a record that is new: statements of it must not run yet.
func (r *Record) Trace(t Tracer) { r.trace = t }

// begins is the time for those who trace, which nobody else needs.
func begins(ctx context.Context) time.Time {
	if r := FromContext(ctx); r != nil && r.trace != nil {
		return time.Now()
	}
	return time.Time{}
}

func (c *conn) traced(ctx context.Context, query string, began time.Time, err error) {
	if r := FromContext(ctx); r != nil && r.trace != nil && !began.IsZero() {
		r.trace(ctx, Statement{Database: c.database, Query: query}, began, err)
	}
}

// Watch calls each with every statement that is counted from now on, and with Begin. It may be called by
// several goroutines at once.
func (r *Record) Watch(each func(Statement)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.watch = each
}

func (r *Record) watching() func(Statement) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.watch
}

// tell says what was sent, to whom it matters.
func (c *conn) tell(r *Record, query string) {
	if r == nil {
		return
	}
	if each := r.watching(); each != nil {
		each(Statement{Database: c.database, Query: query})
	}
}

// databaseOf returns the name of the database that a DSN leads to: the last part of its path.
func databaseOf(dsn string) string {
	u, err := url.Parse(dsn)
	if err != nil || u.Opaque != "" {
		return "" // one in the words of libpq, which nobody here writes
	}
	return strings.TrimSuffix(path.Base(u.Path), ".sqlite")
}
