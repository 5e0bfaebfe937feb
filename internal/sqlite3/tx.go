package sqlite3

import (
	"context"
	"database/sql/driver"
	"errors"
	"time"
)

// tx is a transaction.
type tx struct{ inner driver.Tx }

// Commit implements driver.Tx.
func (t tx) Commit() error { return convert(t.inner.Commit()) }

// Rollback implements driver.Tx.
func (t tx) Rollback() error { return convert(t.inner.Rollback()) }

// controlBound is what BEGIN, COMMIT and ROLLBACK wait for a shared cache: there is nothing in them
// that takes long.
const controlBound = time.Second

// sharedTx is a transaction in a cache that connections share. The driver below would wait without an
// end to roll back while another connection changes the schema, and that may be its own caller.
type sharedTx struct {
	conn *conn
	ctx  context.Context // driver.Tx.Commit takes no context
}

func (c *conn) beginShared(ctx context.Context) (driver.Tx, error) {
	t := sharedTx{conn: c, ctx: ctx}
	return t, t.control(ctx, "BEGIN")
}

// Commit implements driver.Tx. What failed to commit is rolled back: nobody can ask for it later.
func (t sharedTx) Commit() error {
	err := t.control(t.ctx, "COMMIT")
	if err == nil {
		return nil
	}
	if !t.conn.AutoCommit() {
		return errors.Join(err, t.Rollback())
	}
	return err
}

// Rollback implements driver.Tx. database/sql calls it at the end of the context, too.
func (t sharedTx) Rollback() error { return t.control(context.WithoutCancel(t.ctx), "ROLLBACK") }

func (t sharedTx) control(ctx context.Context, query string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, min(controlBound, t.conn.sharedFor), errWaited)
	defer cancel()
	_, err := t.conn.inner.ExecContext(ctx, query, nil)
	return t.conn.convert(ctx, err)
}
