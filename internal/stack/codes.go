package stack

import (
	"errors"
	"io/fs"
	"syscall"

	"example.com/identityd/internal/control"
	"example.com/identityd/internal/socket"
	"example.com/identityd/internal/store"
)

// coded is an error that has a code of the catalog (docs/errors.md). Its text stays what it is.
type coded struct {
	code string
	error
}

// Unwrap returns the error itself.
func (c *coded) Unwrap() error { return c.error }

func withCode(code string, err error) error {
	if err == nil {
		return nil
	}
	return &coded{code, err}
}

// CodeOf returns the code of an error that ended a start or a command, empty for one without.
func CodeOf(err error) string {
	var known *coded
	var newer *newerError
	var used *store.InUseError
	var alone *control.NotRunningError
	switch {
	case errors.As(err, &known):
		return known.code
	case errors.As(err, &newer):
		return "schema_newer"
	case errors.As(err, &used):
		return "data_dir_in_use"
	case errors.As(err, &alone):
		return "not_running"
	}
	return ""
}

// bindCode tells apart why an address could not be bound.
func bindCode(err error) error {
	var used *socket.InUseError
	switch {
	case errors.Is(err, syscall.EADDRINUSE), errors.As(err, &used):
		return withCode("address_taken", err)
	case errors.Is(err, syscall.EADDRNOTAVAIL), errors.Is(err, fs.ErrPermission):
		return withCode("address_refused", err)
	}
	return err
}
