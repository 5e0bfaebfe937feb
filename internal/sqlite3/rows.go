package sqlite3

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"reflect"
	"strings"
	"time"
)

type innerRows interface {
	driver.Rows
	driver.RowsColumnTypeDatabaseTypeName
}

// rows are the rows of an answer, with values in the types of mattn's driver.
type rows struct {
	inner  innerRows
	conn   *conn
	ctx    context.Context // driver.Rows.Next takes no context
	cancel context.CancelFunc
}

var (
	_ driver.RowsColumnTypeDatabaseTypeName = (*rows)(nil)
	_ driver.RowsColumnTypeScanType         = (*rows)(nil)
	_ driver.RowsColumnTypeNullable         = (*rows)(nil)
)

// rows wraps what a query returned.
func (c *conn) rows(
	ctx context.Context, inner driver.Rows, err error, cancel context.CancelFunc,
) (driver.Rows, error) {
	if err != nil {
		err = c.convert(ctx, err)
		cancel()
		return nil, err
	}
	r, ok := inner.(innerRows)
	if !ok {
		_ = inner.Close()
		cancel()
		return nil, errors.New("querying: rows that this driver does not know")
	}
	return &rows{inner: r, conn: c, ctx: ctx, cancel: cancel}, nil
}

// Columns implements driver.Rows.
func (r *rows) Columns() []string { return r.inner.Columns() }

// Close implements driver.Rows.
func (r *rows) Close() error {
	defer r.cancel()
	return r.conn.convert(r.ctx, r.inner.Close())
}

// Next implements driver.Rows.
func (r *rows) Next(dest []driver.Value) error {
	if err := r.inner.Next(dest); err != nil {
		if err == io.EOF { //nolint:errorlint // database/sql compares with == as well
			return err
		}
		return r.conn.convert(r.ctx, err)
	}
	for i, v := range dest {
		switch v := v.(type) {
		case int64:
			if r.inner.ColumnTypeDatabaseTypeName(i) == "BOOLEAN" {
				dest[i] = v > 0
			}
		case []byte:
			if v == nil { // an empty value, which is not NULL
				dest[i] = []byte{}
			}
		case time.Time:
			dest[i] = zoned(v)
		}
	}
	return nil
}

// zoned takes the zone of this machine out of a time: where its offset happens to be that of the
// value, the parser puts it in, and the same row would be two values on two machines.
func zoned(t time.Time) time.Time {
	if t.Location() != time.Local {
		return t
	}
	if _, offset := t.Zone(); offset != 0 {
		return t.In(time.FixedZone("", offset))
	}
	return t.UTC()
}

// ColumnTypeDatabaseTypeName implements driver.RowsColumnTypeDatabaseTypeName. It is what CREATE TABLE
// says, in upper case.
func (r *rows) ColumnTypeDatabaseTypeName(i int) string { return r.inner.ColumnTypeDatabaseTypeName(i) }

// ColumnTypeNullable implements driver.RowsColumnTypeNullable.
func (r *rows) ColumnTypeNullable(int) (nullable, ok bool) { return true, true }

// ColumnTypeScanType implements driver.RowsColumnTypeScanType. It goes by the declared type, because a
// value may be NULL in the next row.
func (r *rows) ColumnTypeScanType(i int) reflect.Type {
	declared := r.inner.ColumnTypeDatabaseTypeName(i)
	contains := func(part string) bool { return strings.Contains(declared, part) }
	switch {
	case contains("INT"):
		return reflect.TypeFor[sql.NullInt64]()
	case declared == "CLOB", declared == "TEXT", contains("CHAR"):
		return reflect.TypeFor[sql.NullString]()
	case declared == "BLOB":
		return reflect.TypeFor[sql.RawBytes]()
	case declared == "REAL", declared == "FLOAT", contains("DOUBLE"), declared == "NUMERIC", contains("DECIMAL"):
		return reflect.TypeFor[sql.NullFloat64]()
	case declared == "DATE", declared == "DATETIME", declared == "TIMESTAMP":
		return reflect.TypeFor[sql.NullTime]()
	case declared == "BOOLEAN":
		return reflect.TypeFor[sql.NullBool]()
	}
	return reflect.TypeFor[*any]()
}
