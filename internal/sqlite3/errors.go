package sqlite3

import (
	"errors"
	"strconv"
	"strings"

	"modernc.org/libc"
	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// ErrNo is a primary result code (sqlite.org/rescode.html).
type ErrNo int

// ErrNoExtended is an extended result code, whose last byte is the primary one.
type ErrNoExtended int

// Error is a result code of SQLite with the words that go with it.
type Error struct {
	Code         ErrNo
	ExtendedCode ErrNoExtended
	text         string
}

// Error implements error: SQLite's own words, as "UNIQUE constraint failed: people.name".
func (e Error) Error() string {
	if e.text != "" {
		return e.text
	}
	return words(int(e.Code))
}

// Error implements error.
func (n ErrNo) Error() string { return words(int(n)) }

// Extend returns the extended code number by.
func (n ErrNo) Extend(by int) ErrNoExtended { return ErrNoExtended(int(n) | by<<8) }

// Error implements error.
func (n ErrNoExtended) Error() string { return words(int(n)) }

// convert turns an error of the driver below into an Error; what is none of SQLite stays as it is.
func convert(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	const primary = 0xff
	return Error{
		Code:         ErrNo(e.Code() & primary),
		ExtendedCode: ErrNoExtended(e.Code()),
		text:         bare(e.Error(), e.Code()),
	}
}

// bare takes from a message what the driver below adds to SQLite's words: those of the code before
// them, and the number behind. pop looks for "database is locked" and nothing else.
func bare(message string, code int) string {
	message = strings.TrimSuffix(message, " (SQLITE_BUSY)")
	message = strings.TrimSuffix(message, " ("+strconv.Itoa(code)+")")
	return strings.TrimPrefix(message, words(code)+": ")
}

func words(code int) string {
	tls := libc.NewTLS()
	defer tls.Close()
	return libc.GoString(lib.Xsqlite3_errstr(tls, int32(code))) //nolint:gosec // a code is a small number
}
