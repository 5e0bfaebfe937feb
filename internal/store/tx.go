package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/cockroachdb/cockroach-go/v2/crdb"

	"example.com/identityd/internal/sqlseam"
)

// How often a transaction is tried, and the pauses in between. At 30 % serialization failures three
// tries were measurably too few; eight fail once in fifteen thousand.
const (
	txAttempts   = 8
	txFirstPause = 10 * time.Millisecond
	txLastPause  = time.Second
)

// Tx runs fn in a transaction and commits it. What the database asks to repeat (serialization
// failures, deadlocks, SQLite's busy) is repeated with pauses until ctx ends, up to eight times, so
// fn must change nothing but the database and must wrap errors with %w. An error means that nothing
// was committed, unless the connection was lost during COMMIT.
func Tx(ctx context.Context, db *sql.DB, d Dialect, fn func(*sql.Tx) error) error {
	if d == Cockroach {
		return cockroachTx(ctx, db, fn)
	}
	for attempt := 1; ; attempt++ {
		err := plainTx(ctx, db, d, fn)
		if err == nil || sqlseam.Classify(err) != sqlseam.Retryable {
			return err
		}
		if attempt == txAttempts {
			return givenUp(err)
		}
		if err := pause(ctx, attempt, err); err != nil {
			return err
		}
	}
}

// plainTx is not crdb.ExecuteTx because that one discards the error of COMMIT: on CockroachDB the
// RELEASE before it has committed, on PostgreSQL and SQLite only COMMIT does.
func plainTx(ctx context.Context, db *sql.DB, d Dialect, fn func(*sql.Tx) error) error {
	if d == SQLite {
		return sqliteTx(ctx, db, fn)
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("beginning transaction: %w", err)
	}
	// Also when fn panics, or the connection would never return to the pool. After COMMIT it does nothing.
	defer tx.Rollback() //nolint:errcheck // the error that led here is the one to tell
	if err := fn(tx); err != nil {
		return err
	}
	return commit(tx)
}

// sqliteTx drops a connection of which the end of the transaction failed. With a shared cache (a
// database in memory) ROLLBACK is refused while another connection changes the schema, and
// database/sql would put the connection back into its pool with the transaction still open.
func sqliteTx(ctx context.Context, db *sql.DB, fn func(*sql.Tx) error) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("opening connection: %w", err)
	}
	defer conn.Close() //nolint:errcheck // it only returns to the pool
	drop := func() {
		conn.Raw(func(any) error { return driver.ErrBadConn }) //nolint:errcheck // it returns what it is given
	}
	// At the end of ctx database/sql would roll back by itself and keep the error.
	tx, err := conn.BeginTx(context.WithoutCancel(ctx), &sql.TxOptions{Isolation: sql.LevelSerializable})
	if err != nil {
		drop()
		return fmt.Errorf("beginning transaction: %w", err)
	}
	defer func() {
		if err := tx.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) {
			drop()
		}
	}()
	if err := fn(tx); err != nil {
		return err
	}
	if err := context.Cause(ctx); err != nil {
		return fmt.Errorf("committing transaction: %w", err)
	}
	if err := commit(tx); err != nil {
		drop() // the driver rolls back on its own, and keeps the error
		return err
	}
	return nil
}

func commit(tx *sql.Tx) error {
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("committing transaction: %w", err)
	}
	return nil
}

// cockroachTx retries within one transaction, as CockroachDB wants it: the transaction keeps its
// place in the queue. cockroach-go (2.4.2) repeats without a pause; the only place that it leaves
// for one is in front of fn.
func cockroachTx(ctx context.Context, db *sql.DB, fn func(*sql.Tx) error) error {
	var (
		tries int
		last  error
	)
	retrying := crdb.WithMaxRetries(ctx, txAttempts-1)
	err := crdb.ExecuteTx(retrying, db, nil, func(tx *sql.Tx) error {
		if tries++; tries > 1 {
			if err := pause(ctx, tries-1, last); err != nil {
				return err
			}
		}
		last = fn(tx)
		return last
	})
	var exceeded *crdb.MaxRetriesExceededError
	if errors.As(err, &exceeded) {
		return givenUp(exceeded.Unwrap())
	}
	return err
}

func givenUp(err error) error {
	sqlseam.CountTxAbandoned()
	return fmt.Errorf("giving up transaction after %d attempts: %w", txAttempts, err)
}

// pause waits before the next attempt. Half of it is random, so that those who collided do not meet
// again. The error does not wrap because, or a caller would take it for one to repeat.
func pause(ctx context.Context, attempt int, because error) error {
	sqlseam.CountTxRepeated()
	limit := min(txFirstPause<<(attempt-1), txLastPause)
	if err := Sleep(ctx, limit/2+rand.N(limit/2)); err != nil {
		return fmt.Errorf("waiting to repeat transaction (%v): %w", because, err) //nolint:errorlint // see above
	}
	return nil
}

// Sleep returns after d, or with the cause of the end of ctx.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
