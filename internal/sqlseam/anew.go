package sqlseam

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"github.com/mattn/go-sqlite3"
)

// On SQLite a transaction that has read cannot write any more once another connection wrote: busy comes at
// once then, whatever the timeout, because what was read is no longer the newest (sqlite.org/isolation.html). The engines
// read first in most of their transactions and do not run them again, and the tables of our own (audit trail,
// throttle, outbox) are written beside them. So a transaction that has written nothing is ended and begun
// again below the statement that was refused. What it read before may be older than what it writes to: that
// is READ COMMITTED, which the same transactions have on PostgreSQL, and between two requests of an engine
// stands its lock (docs/ory-quirks.md#q24). Who counts on more asks for sql.LevelSerializable, and runs its
// transaction again itself (store.Tx).

// anew begins a transaction that has only read once more, and reports whether it did.
func (c *conn) anew(ctx context.Context, err error) bool {
	var lite sqlite3.Error
	if c.file == "" || !c.inTx || c.wrote || c.serializable || !errors.As(err, &lite) || lite.Code != sqlite3.ErrBusy {
		return false
	}
	e, ok := c.Conn.(driver.ExecerContext)
	if !ok {
		return false
	}
	// Not to be interrupted in between: what follows would be written outside of any transaction.
	ctx = context.WithoutCancel(ctx)
	if _, err := e.ExecContext(ctx, "ROLLBACK", nil); err != nil {
		return false
	}
	_, err = e.ExecContext(ctx, "BEGIN", nil)
	return err == nil
}

// begun notes what kind of transaction was begun.
func (c *conn) begun(opts driver.TxOptions) {
	c.inTx, c.restarted, c.wrote = true, false, false
	c.serializable = sql.IsolationLevel(opts.Isolation) == sql.LevelSerializable
}
