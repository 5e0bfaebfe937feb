package sqlite3

import (
	"database/sql"
	"database/sql/driver"
	"fmt"

	"modernc.org/sqlite"
)

// Name is what the driver is registered under.
const Name = "sqlite3"

func init() { //nolint:gochecknoinits // pop looks for the name and expects the import to have registered it
	sql.Register(Name, &SQLiteDriver{})
}

// SQLiteDriver opens connections. Its zero value is ready.
type SQLiteDriver struct{ inner sqlite.Driver }

var _ driver.Driver = (*SQLiteDriver)(nil)

// Open implements driver.Driver. The name is a file or a file: URI, with parameters after a ?.
func (d *SQLiteDriver) Open(name string) (driver.Conn, error) {
	dsn, err := translate(name)
	if err != nil {
		return nil, fmt.Errorf("reading the parameters of a SQLite database: %w", err)
	}
	inner, err := d.inner.Open(dsn.name)
	if err != nil {
		return nil, convert(err)
	}
	c, ok := inner.(innerConn)
	if !ok {
		_ = inner.Close()
		return nil, fmt.Errorf("opening SQLite: %T is no connection that this driver knows", inner)
	}
	return &conn{inner: c, sharedFor: dsn.sharedFor}, nil
}
