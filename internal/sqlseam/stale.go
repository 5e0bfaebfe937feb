package sqlseam

import (
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// stalePlan reports a statement that the server had prepared before a migration changed its columns
// (docs/ory-quirks.md#q41). It had no effect. pgx forgets what it had prepared of it, so that the next
// attempt on the same connection succeeds.
func stalePlan(err error) bool {
	var e *pgconn.PgError
	if !errors.As(err, &e) || e.Code != "0A000" { // which also means features that are not there
		return false
	}
	// The message is translated where the server speaks another language; the routine is not.
	return e.Routine == "RevalidateCachedQuery" || strings.Contains(e.Message, "cached plan must not change result type")
}

// outdate makes every pooled connection that is as old as c be replaced at its next use: they have
// prepared the same statements, and a transaction that meets one of these cannot be repeated here.
func (c *conn) outdate(err error) {
	if stalePlan(err) {
		process.schema.CompareAndSwap(c.schema, c.schema+1)
	}
}

// outdated reports a connection that was opened before the last change of the schema that anybody met.
func (c *conn) outdated() bool { return c.schema != process.schema.Load() }
