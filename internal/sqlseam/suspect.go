package sqlseam

import (
	"context"
	"database/sql/driver"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// A server that restarts closes all connections at once, and their owners hear of it one by one. pgx looks
// whether a pooled connection is alive only when it was idle for a second (stdlib.Conn.ResetSession), and a
// statement that went into a dead one is not repeated, because nobody knows whether it was carried out. So
// that a restart which takes less than a second fails no request after it, the first broken connection makes
// every other one prove that it lives, once, before its next use.

// suspect notes what may have broken more than one connection.
func suspect(ctx context.Context, err error) {
	if ctx.Err() == nil && severed(err) {
		process.broken.Add(1)
	}
}

// severed reports an error that says that a connection has gone, or that none can be made. A server that
// answers, if only that it is too busy, is there.
func severed(err error) bool {
	var answer *pgconn.PgError
	switch {
	case errors.Is(err, driver.ErrBadConn):
		return true
	case Classify(err) != Outage, errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return false
	case errors.As(err, &answer):
		return strings.HasPrefix(answer.Code, "57P") // shutting down, or starting
	}
	return true
}

// prove asks the server of a suspected connection for a sign of life.
func (c *conn) prove(ctx context.Context) error {
	broken := process.broken.Load()
	if c.file != "" || c.proven == broken {
		return nil
	}
	if p, ok := c.Conn.(driver.Pinger); ok && p.Ping(ctx) != nil {
		return driver.ErrBadConn // database/sql takes another one
	}
	c.proven = broken
	return nil
}
