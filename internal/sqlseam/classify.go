package sqlseam

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/mattn/go-sqlite3"
)

// Class says what an error of a driver means for the request that met it.
type Class int

const (
	// Answer is the database doing its work: a broken constraint, a syntax error.
	Answer Class = iota
	// Retryable is a transaction that may be run again: SQLSTATE 40001 and 40P01, SQLite's busy.
	Retryable
	// Outage is a database that cannot answer now: away, shutting down, out of room, too slow.
	Outage
)

// ConnectError is a connection that could not be opened.
type ConnectError struct{ Err error }

// Error implements error.
func (e *ConnectError) Error() string { return fmt.Sprintf("opening database connection: %v", e.Err) }

// Unwrap returns the cause.
func (e *ConnectError) Unwrap() error { return e.Err }

// Classify sorts an error by its SQLSTATE (PostgreSQL appendix A; CockroachDB uses the same codes)
// or by SQLite's result code (sqlite.org/rescode.html).
func Classify(err error) Class {
	if err == nil {
		return Answer
	}
	var connect *ConnectError
	if errors.As(err, &connect) {
		return Outage
	}
	var state interface{ SQLState() string }
	if stalePlan(err) {
		return Retryable
	}
	if errors.As(err, &state) {
		return classifyState(state.SQLState())
	}
	var lite sqlite3.Error
	if errors.As(err, &lite) {
		return classifySQLite(lite.Code)
	}
	var network net.Error
	switch {
	case errors.Is(err, driver.ErrBadConn), errors.Is(err, context.DeadlineExceeded), errors.As(err, &network),
		errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed),
		pgconn.SafeToRetry(err): // a connection that pgx has closed already
		return Outage
	}
	return Answer
}

func classifyState(code string) Class {
	switch code {
	case "40001", "40P01", "CR000":
		return Retryable
	case "40003", // the outcome of a statement is unknown
		"57014",                            // statement timeout
		"57P01", "57P02", "57P03", "57P04", // shutdown, crash, starting up, database dropped
		"58000", "58030", // system and I/O errors
		"25006": // read-only: a failover that has not finished
		return Outage
	}
	// 08: connection exceptions. 53: out of disk, memory or connections. XX: internal errors.
	for _, class := range []string{"08", "53", "XX"} {
		if strings.HasPrefix(code, class) {
			return Outage
		}
	}
	return Answer
}

func classifySQLite(code sqlite3.ErrNo) Class {
	switch code {
	case sqlite3.ErrBusy, sqlite3.ErrLocked:
		return Retryable
	case sqlite3.ErrFull, sqlite3.ErrIoErr, sqlite3.ErrCantOpen, sqlite3.ErrCorrupt, sqlite3.ErrNotADB,
		sqlite3.ErrReadonly, sqlite3.ErrNomem, sqlite3.ErrProtocol:
		return Outage
	}
	return Answer
}
