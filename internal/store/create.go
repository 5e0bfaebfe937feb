package store

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"
)

// SQLSTATEs, PostgreSQL appendix A.
const (
	stateUnknownDatabase   = "3D000"
	stateDuplicateDatabase = "42P04"
	stateUnique            = "23505"
	stateTooMany           = "53300"
	stateNoPrivilege       = "42501"
	stateStartingUp        = "57P03"
)

// createDatabase creates the database of d from the maintenance database of the server, which every
// user may enter.
func createDatabase(ctx context.Context, d DSN) error {
	u, err := url.Parse(d.Reveal())
	if err != nil {
		return errors.New("reading database URL: malformed")
	}
	name := strings.TrimPrefix(u.Path, "/")
	maintenance := "postgres"
	if d.dialect == Cockroach {
		maintenance = "defaultdb"
	}
	db, err := Open(d, maintenance)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize())
	switch sqlState(err) {
	case stateDuplicateDatabase, stateUnique: // another process was faster, by a little or by less
		return nil
	}
	if err != nil {
		return &missingError{name: name, err: err}
	}
	return nil
}

// missingError is a database that neither exists nor may be created.
type missingError struct {
	name string
	err  error
}

// Error implements error.
func (e *missingError) Error() string { return fmt.Sprintf("creating database %s: %v", e.name, e.err) }

// Unwrap returns the cause.
func (e *missingError) Unwrap() error { return e.err }

// Forbidden reports that the database user lacks a right.
func Forbidden(err error) bool { return err != nil && sqlState(err) == stateNoPrivilege }

func isMissingDatabase(err error) bool { return sqlState(err) == stateUnknownDatabase }

func sqlState(err error) string {
	var s interface{ SQLState() string }
	if errors.As(err, &s) {
		return s.SQLState()
	}
	return ""
}

// Explain says in a few words why the database does not serve. It names no host, user or address: the
// words are shown on listeners that the internet reaches. The log has the whole error.
func Explain(err error) string {
	var missing *missingError
	state := sqlState(err)
	switch {
	case errors.As(err, &missing) && state == stateNoPrivilege:
		return "the database " + missing.name + " does not exist and its user may not create it"
	case errors.As(err, &missing):
		return "the database " + missing.name + " does not exist and could not be created"
	case state == stateUnknownDatabase:
		return "the database does not exist"
	case strings.HasPrefix(state, "28"):
		return "the database refuses the user or the password"
	case state == stateNoPrivilege:
		return "the database does not admit its user"
	case state == stateTooMany:
		return "the database has no connection left"
	case state == stateStartingUp:
		return "the database is starting up"
	case errors.Is(err, context.DeadlineExceeded):
		return "the database does not answer in time"
	default:
		return "the database cannot be reached"
	}
}
