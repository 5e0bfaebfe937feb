package move

import (
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// OccupiedError is a target that has data.
type OccupiedError struct{ Tables []string }

// Error implements error.
func (e *OccupiedError) Error() string {
	const most = 5
	shown := e.Tables[:min(most, len(e.Tables))]
	more := ""
	if n := len(e.Tables) - len(shown); n > 0 {
		more = fmt.Sprintf(" and %d more tables", n)
	}
	return "the target has data already (in " + strings.Join(shown, ", ") + more +
		"); copy into databases that are empty or do not exist yet"
}

// ErrOtherCopy is a target in which the copy of another installation was left unfinished.
var ErrOtherCopy = errors.New("the target holds an unfinished copy of another installation; copy into other databases, or drop these first")

// DifferenceError is a table that is not in the target what it is in the source.
type DifferenceError struct{ Tables []string }

// Error implements error.
func (e *DifferenceError) Error() string {
	return "the target differs from the source in " + strings.Join(e.Tables, ", ") +
		"; is somebody else writing to it? Run the same command again: it copies these tables anew"
}

// valueError is a value that cannot be copied. It names the row by its id, if that is a UUID, and never
// shows the value.
type valueError struct {
	table, column, row string
	err                error
}

// Error implements error.
func (e *valueError) Error() string {
	return fmt.Sprintf("%s: the column %s of the row %s %v; change it in the source and run the same command again",
		e.table, e.column, e.row, e.err)
}

// Unwrap returns the cause.
func (e *valueError) Unwrap() error { return e.err }

// serverError is a refusal of PostgreSQL or CockroachDB without its details, which are values.
type serverError struct {
	text string
	err  error
}

// Error implements error.
func (e *serverError) Error() string { return e.text }

// Unwrap returns the cause.
func (e *serverError) Unwrap() error { return e.err }

// explain words a refusal of the server for people.
func explain(err error) error {
	var refused *pgconn.PgError
	if !errors.As(err, &refused) {
		return err
	}
	text := refused.Message
	if refused.Code == "23503" {
		text = "a row refers to one that does not exist (" + refused.ConstraintName + "); the source breaks its own rules there"
	}
	return &serverError{text: text + " (SQLSTATE " + refused.Code + ")", err: err}
}
