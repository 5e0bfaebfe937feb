package sqlseam

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/mattn/go-sqlite3"
)

// At 30 % of conflicts three attempts let four of twelve logins fail. Eight lose one write in fifteen
// thousand, which one of some hundred journeys meets; twelve lose one in two million.
const (
	attempts     = 12
	firstPause   = 5 * time.Millisecond
	longestPause = 500 * time.Millisecond
	// SQLite has waited for its own busy timeout already, seconds of it, when it answers busy. Eleven
	// more such waits would outlast the client.
	longestRepetition = 5 * time.Second
)

// repeat runs a statement, and runs it again while it meets conflicts that ended it as a whole. The
// connection is held during the pauses: database/sql offers no place where it would not be.
func (c *conn) repeat(ctx context.Context, query string, do func() error) error {
	began := time.Now()
	err := do()
	c.outdate(err)
	if err != nil && c.anew(ctx, err) {
		err = do()
	}
	if err == nil || !conflict(err) || !c.autocommit() || !single(query) {
		return err
	}
	pause := firstPause
	for range attempts - 1 {
		if time.Since(began) > longestRepetition || !sleep(ctx, jitter(pause)) {
			break
		}
		pause = min(2*pause, longestPause)
		process.repeated.Add(1)
		if err = do(); err == nil || !conflict(err) {
			break
		}
	}
	// What the database answers in the end, an answer or the end of the rows, has come through.
	if err == nil || errors.Is(err, io.EOF) || Classify(err) == Answer {
		process.recovered.Add(1)
	} else {
		process.abandoned.Add(1)
	}
	return err
}

// conflict reports whether a statement failed without an effect and may succeed when it is run
// again. A deadlock (40P01) is a fault of the order of two transactions, and 40003 says that nobody
// knows whether there was an effect.
func conflict(err error) bool {
	var state interface{ SQLState() string }
	if errors.As(err, &state) {
		code := state.SQLState()
		return code == "40001" || code == "CR000" || stalePlan(err)
	}
	var lite sqlite3.Error
	if !errors.As(err, &lite) {
		return false
	}
	// SQLite waits by itself for a lock on the file, but not for one in a cache that connections
	// share, as those to a database in memory do.
	return lite.Code == sqlite3.ErrBusy || lite.ExtendedCode == sqlite3.ErrLockedSharedCache
}

// autocommit reports whether the statement that just failed was a transaction of its own. What was
// begun by text is known to the driver alone.
func (c *conn) autocommit() bool {
	if c.inTx {
		return false
	}
	switch inner := c.Conn.(type) {
	case *stdlib.Conn:
		const idle = 'I' // ReadyForQuery in PostgreSQL's protocol
		return inner.Conn().PgConn().TxStatus() == idle
	case interface{ AutoCommit() bool }:
		return inner.AutoCommit()
	}
	return true
}

// jitter keeps those that met each other from meeting again.
func jitter(pause time.Duration) time.Duration {
	return pause/2 + rand.N(pause/2)
}

// sleep reports whether the context outlasted the pause. One that would end within it is not waited
// for: the caller learns of the conflict, and not of a deadline.
func sleep(ctx context.Context, pause time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= pause {
		return false
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// repeatExec runs a statement without rows.
func (c *conn) repeatExec(
	ctx context.Context, query string, do func() (driver.Result, error),
) (driver.Result, error) {
	var res driver.Result
	err := c.repeat(ctx, query, func() (err error) {
		began := begins(ctx)
		res, err = do()
		c.count(ctx, query, began, err)
		return err
	})
	c.note(ctx, err)
	if err == nil {
		c.wrote = true // a savepoint is lost with its transaction as well
		c.settle(ctx, query)
	}
	return res, err
}

// repeatRows runs a query, which may meet its conflict as late as its first row.
func (c *conn) repeatRows(
	ctx context.Context, query string, do func() (driver.Rows, error),
) (driver.Rows, error) {
	counted := func() (driver.Rows, error) {
		began := begins(ctx)
		inner, err := do()
		c.count(ctx, query, began, err)
		return inner, err
	}
	var inner driver.Rows
	err := c.repeat(ctx, query, func() (err error) {
		inner, err = counted()
		return err
	})
	c.note(ctx, err)
	if err != nil {
		return nil, err
	}
	c.settle(ctx, query)
	return &rows{Rows: inner, ctx: ctx, conn: c, query: query, again: counted}, nil
}
