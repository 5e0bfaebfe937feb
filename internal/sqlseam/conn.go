package sqlseam

import (
	"context"
	"database/sql/driver"
	"time"
)

// conn forwards every optional interface of database/sql to the driver below, or answers what
// database/sql assumes for a driver without it.
type conn struct {
	driver.Conn
	rewrite  func(query string) string
	expires  time.Time // zero for never
	file     string    // of SQLite, or empty
	database string    // for those who watch
	// database/sql uses a connection from one goroutine at a time.
	inTx      bool
	schema    uint64 // of process.schema when it was opened
	proven    uint64 // of process.broken when it last gave a sign of life
	restarted bool   // to a savepoint, and nothing has been read since
	// wrote says that this transaction may have changed something, serializable that its owner runs it again.
	wrote, serializable bool
}

var (
	_ driver.ConnBeginTx        = (*conn)(nil)
	_ driver.ConnPrepareContext = (*conn)(nil)
	_ driver.ExecerContext      = (*conn)(nil)
	_ driver.QueryerContext     = (*conn)(nil)
	_ driver.Pinger             = (*conn)(nil)
	_ driver.SessionResetter    = (*conn)(nil)
	_ driver.Validator          = (*conn)(nil)
	_ driver.NamedValueChecker  = (*conn)(nil)
)

// BeginTx implements driver.ConnBeginTx.
func (c *conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	var (
		inner driver.Tx
		err   error
		began = begins(ctx)
	)
	if b, ok := c.Conn.(driver.ConnBeginTx); ok {
		inner, err = b.BeginTx(ctx, opts)
	} else {
		inner, err = c.Begin() // the fallback that database/sql itself uses
	}
	note(ctx, err)
	c.traced(ctx, Begin, began, err)
	if err != nil {
		suspect(ctx, err)
		doubt(ctx, err)
		return nil, err
	}
	c.begun(opts)
	c.tell(FromContext(ctx), Begin)
	return &tx{Tx: inner, ctx: ctx, conn: c}, nil
}

// PrepareContext implements driver.ConnPrepareContext.
func (c *conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	query = c.text(query)
	var (
		inner driver.Stmt
		err   error
	)
	if p, ok := c.Conn.(driver.ConnPrepareContext); ok {
		inner, err = p.PrepareContext(ctx, query)
	} else {
		inner, err = c.Prepare(query)
	}
	c.note(ctx, err)
	if err != nil {
		return nil, err
	}
	return &stmt{Stmt: inner, conn: c, query: query}, nil
}

// ExecContext implements driver.ExecerContext.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	e, ok := c.Conn.(driver.ExecerContext)
	if !ok {
		return nil, driver.ErrSkip
	}
	query = c.text(query)
	return c.repeatExec(ctx, query, func() (driver.Result, error) {
		return e.ExecContext(ctx, query, args)
	})
}

// QueryContext implements driver.QueryerContext.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	q, ok := c.Conn.(driver.QueryerContext)
	if !ok {
		return nil, driver.ErrSkip
	}
	query = c.text(query)
	return c.repeatRows(ctx, query, func() (driver.Rows, error) {
		return q.QueryContext(ctx, query, args)
	})
}

// Ping implements driver.Pinger.
func (c *conn) Ping(ctx context.Context) error {
	p, ok := c.Conn.(driver.Pinger)
	if !ok {
		return nil
	}
	err := p.Ping(ctx)
	c.note(ctx, err)
	return err
}

// ResetSession implements driver.SessionResetter. pgx pings here, so that a request whose deadline
// passes while the database hangs may never get as far as its statement.
func (c *conn) ResetSession(ctx context.Context) error {
	if c.outdated() {
		return driver.ErrBadConn // database/sql opens another one
	}
	r, ok := c.Conn.(driver.SessionResetter)
	if !ok {
		return nil
	}
	err := r.ResetSession(ctx)
	if err == nil {
		err = c.prove(ctx)
	}
	if err != nil {
		note(ctx, err)
		suspect(ctx, err)
	}
	return err
}

// IsValid implements driver.Validator. database/sql asks when a connection returns to the pool, so that
// one which has reached its age is closed between two uses.
func (c *conn) IsValid() bool {
	if !c.expires.IsZero() && time.Now().After(c.expires) {
		return false
	}
	if v, ok := c.Conn.(driver.Validator); ok {
		return v.IsValid()
	}
	return true
}

func (c *conn) text(query string) string {
	if c.rewrite == nil {
		return query
	}
	return c.rewrite(query)
}

// note records what came of a statement. Inside a transaction nothing is repeated on another
// connection.
func (c *conn) note(ctx context.Context, err error) {
	suspect(ctx, err)
	c.outdate(err)
	c.notice(err)
	if c.inTx && err != nil {
		failInTx(ctx, err)
		return
	}
	note(ctx, err)
}

// broke records a failure after the first of an answer, which is never repeated on another connection.
func (c *conn) broke(ctx context.Context, err error) {
	suspect(ctx, err)
	c.outdate(err)
	c.notice(err)
	if c.inTx {
		failInTx(ctx, err)
		return
	}
	fail(ctx, err)
}
