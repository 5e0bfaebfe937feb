package sqlseam

import (
	"database/sql/driver"
	"errors"
	"strings"
	"sync"

	"github.com/mattn/go-sqlite3"
)

// unwritable are the SQLite files that could not be written, by name. Whether a file can be written
// cannot be asked without writing: what is learned from the statements of others costs nothing.
type unwritable struct{ files sync.Map } // file -> error

// Unwritable returns the error with which SQLite last refused to write a file, or nil. It stays until
// Writable is called.
func Unwritable(file string) error {
	err, ok := process.unwritable.files.Load(file)
	if !ok {
		return nil
	}
	failure, _ := err.(error)
	return failure
}

// Writable says that a file was found to be writable again.
func Writable(file string) { process.unwritable.files.Delete(file) }

// notice remembers a failure to write.
func (c *conn) notice(err error) {
	if c.file == "" || err == nil {
		return
	}
	var lite sqlite3.Error
	if !errors.As(err, &lite) {
		return
	}
	switch lite.Code {
	case sqlite3.ErrFull, sqlite3.ErrReadonly, sqlite3.ErrIoErr:
		process.unwritable.files.Store(c.file, err)
	}
}

// fileOf returns the file of a DSN of SQLite, and "" for what is none: another database, or memory.
func fileOf(d driver.Driver, dsn string) string {
	if _, ok := d.(*sqlite3.SQLiteDriver); !ok || strings.HasPrefix(dsn, "file:") || strings.HasPrefix(dsn, ":memory:") {
		return ""
	}
	file, _, _ := strings.Cut(dsn, "?")
	return file
}
