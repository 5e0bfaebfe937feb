package sqlseam

import (
	"context"
	"database/sql/driver"
	"strings"
)

// tx keeps the context of BEGIN, because COMMIT has none of its own and its failure belongs to the
// same request.
type tx struct {
	driver.Tx
	ctx  context.Context // driver.Tx.Commit takes no context
	conn *conn
}

// Commit implements driver.Tx.
func (t *tx) Commit() error {
	t.conn.inTx = false
	began := begins(t.ctx)
	err := t.Tx.Commit()
	t.conn.traced(t.ctx, Commit, began, err)
	t.conn.notice(err)
	failInTx(t.ctx, err)
	if err == nil {
		settle(t.ctx)
	}
	return err
}

// Rollback implements driver.Tx.
func (t *tx) Rollback() error {
	t.conn.inTx = false
	began := begins(t.ctx)
	err := t.Tx.Rollback()
	t.conn.traced(t.ctx, Rollback, began, err)
	return err
}

// settle notes that a statement succeeded. The first one after a return to a savepoint shows that
// whoever met a conflict runs its transaction again (cockroach-go: crdb.ExecuteInTx), and a refusal
// that follows was read, though nothing is committed then.
func (c *conn) settle(ctx context.Context, query string) {
	switch {
	case !c.inTx:
	case query == release:
		// On CockroachDB this is the commit, and of COMMIT Hydra's transactions do not tell whose it is.
		settle(ctx)
	case returns(query):
		c.restarted = true
	case c.restarted:
		c.restarted = false
		settle(ctx)
	}
}

// release is how cockroach-go ends a transaction that it may run again.
const release = "RELEASE SAVEPOINT cockroach_restart"

func returns(query string) bool {
	const words = "ROLLBACK TO "
	return len(query) > len(words) && strings.EqualFold(query[:len(words)], words)
}
