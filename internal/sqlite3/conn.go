package sqlite3

import (
	"context"
	"database/sql/driver"
	"errors"
	"time"
)

// innerConn is what a connection of modernc.org/sqlite can do.
type innerConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// conn gives the errors and values of the driver below the form that mattn's driver gave them.
type conn struct {
	inner     innerConn
	sharedFor time.Duration
}

var _ innerConn = (*conn)(nil)

// AutoCommit reports whether no transaction is open, however it was begun. It asks SQLite, by opening
// one: that is refused within another, and costs no lock otherwise. What cannot be found out is false,
// which is what callers are careful with.
func (c *conn) AutoCommit() bool {
	ctx, cancel := c.bound(context.Background())
	defer cancel()
	if _, err := c.inner.ExecContext(ctx, "BEGIN DEFERRED", nil); err != nil {
		return false
	}
	_, err := c.inner.ExecContext(ctx, "ROLLBACK", nil)
	return err == nil
}

// Prepare implements driver.Conn.
func (c *conn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

// PrepareContext implements driver.ConnPrepareContext.
func (c *conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	ctx, cancel := c.bound(ctx)
	defer cancel()
	inner, err := c.inner.PrepareContext(ctx, query)
	if err != nil {
		return nil, c.convert(ctx, err)
	}
	s, ok := inner.(innerStmt)
	if !ok {
		_ = inner.Close()
		return nil, errors.New("preparing: a statement that this driver does not know")
	}
	return &stmt{inner: s, conn: c}, nil
}

// Begin implements driver.Conn.
func (c *conn) Begin() (driver.Tx, error) { return c.BeginTx(context.Background(), driver.TxOptions{}) }

// BeginTx implements driver.ConnBeginTx. SQLite has one level of isolation, serializable, so that
// every other one is kept as well.
func (c *conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	if c.sharedFor != 0 {
		return c.beginShared(ctx)
	}
	inner, err := c.inner.BeginTx(ctx, opts)
	if err != nil {
		return nil, convert(err)
	}
	return tx{inner}, nil
}

// ExecContext implements driver.ExecerContext.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	ctx, cancel := c.bound(ctx)
	defer cancel()
	res, err := c.inner.ExecContext(ctx, query, args)
	return result(res), c.convert(ctx, err)
}

// QueryContext implements driver.QueryerContext.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	ctx, cancel := c.bound(ctx)
	inner, err := c.inner.QueryContext(ctx, query, args)
	return c.rows(ctx, inner, err, cancel)
}

// Ping implements driver.Pinger.
func (c *conn) Ping(ctx context.Context) error { return convert(c.inner.Ping(ctx)) }

// ResetSession implements driver.SessionResetter.
func (c *conn) ResetSession(ctx context.Context) error { return convert(c.inner.ResetSession(ctx)) }

// IsValid implements driver.Validator.
func (c *conn) IsValid() bool { return c.inner.IsValid() }

// Close implements driver.Conn.
func (c *conn) Close() error { return convert(c.inner.Close()) }

// errWaited marks the end of a wait that bound set an end to.
var errWaited = Error{Code: ErrLocked, ExtendedCode: ErrLockedSharedCache, text: "database table is locked"}

// bound sets an end to waits for a shared cache, which could otherwise last for ever: for a transaction
// of the caller's own, on another connection.
func (c *conn) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	if c.sharedFor == 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, c.sharedFor, errWaited)
}

// convert is convert, but for waits that bound has ended.
func (c *conn) convert(ctx context.Context, err error) error {
	if c.sharedFor != 0 && errors.Is(err, context.DeadlineExceeded) {
		if cause := context.Cause(ctx); errors.Is(cause, errWaited) {
			return cause
		}
	}
	return convert(err)
}
