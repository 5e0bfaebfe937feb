package sqlseam

import (
	"context"
	"database/sql/driver"
	"io"
	"reflect"
	"strings"
)

// rows records a connection that breaks while an answer is being read, which Query cannot see.
type rows struct {
	driver.Rows
	ctx   context.Context // driver.Rows.Next takes no context
	conn  *conn
	query string
	again func() (driver.Rows, error)
	begun bool
}

var (
	_ driver.RowsNextResultSet              = (*rows)(nil)
	_ driver.RowsColumnTypeDatabaseTypeName = (*rows)(nil)
	_ driver.RowsColumnTypeScanType         = (*rows)(nil)
	_ driver.RowsColumnTypeLength           = (*rows)(nil)
	_ driver.RowsColumnTypeNullable         = (*rows)(nil)
	_ driver.RowsColumnTypePrecisionScale   = (*rows)(nil)
)

// Next implements driver.Rows.
func (r *rows) Next(dest []driver.Value) error {
	var err error
	if r.begun {
		err = r.Rows.Next(dest)
	} else {
		r.begun = true
		err = r.first(dest)
	}
	if err != nil && err != io.EOF { //nolint:errorlint // database/sql compares with == as well
		r.conn.broke(r.ctx, err)
	}
	return err
}

// first reads the first row. SQLite runs a query only then, and nobody has seen a row of it yet.
func (r *rows) first(dest []driver.Value) error {
	repeated := false
	defer func() { r.conn.wrote = r.conn.wrote || !reads(r.query) }()
	return r.conn.repeat(r.ctx, r.query, func() error {
		if repeated {
			// The conflict is the news, and the rows are replaced or closed again by database/sql.
			_ = r.Close()
			inner, err := r.again()
			if err != nil {
				return err
			}
			r.Rows = inner
		}
		repeated = true
		return r.Rows.Next(dest)
	})
}

// HasNextResultSet implements driver.RowsNextResultSet.
func (r *rows) HasNextResultSet() bool {
	n, ok := r.Rows.(driver.RowsNextResultSet)
	return ok && n.HasNextResultSet()
}

// NextResultSet implements driver.RowsNextResultSet.
func (r *rows) NextResultSet() error {
	if n, ok := r.Rows.(driver.RowsNextResultSet); ok {
		return n.NextResultSet()
	}
	return io.EOF
}

// ColumnTypeDatabaseTypeName implements driver.RowsColumnTypeDatabaseTypeName.
func (r *rows) ColumnTypeDatabaseTypeName(i int) string {
	if c, ok := r.Rows.(driver.RowsColumnTypeDatabaseTypeName); ok {
		return c.ColumnTypeDatabaseTypeName(i)
	}
	return ""
}

// ColumnTypeScanType implements driver.RowsColumnTypeScanType.
func (r *rows) ColumnTypeScanType(i int) reflect.Type {
	if c, ok := r.Rows.(driver.RowsColumnTypeScanType); ok {
		return c.ColumnTypeScanType(i)
	}
	return reflect.TypeFor[any]()
}

// ColumnTypeLength implements driver.RowsColumnTypeLength.
func (r *rows) ColumnTypeLength(i int) (length int64, ok bool) {
	if c, ok := r.Rows.(driver.RowsColumnTypeLength); ok {
		return c.ColumnTypeLength(i)
	}
	return 0, false
}

// ColumnTypeNullable implements driver.RowsColumnTypeNullable.
func (r *rows) ColumnTypeNullable(i int) (nullable, ok bool) {
	if c, ok := r.Rows.(driver.RowsColumnTypeNullable); ok {
		return c.ColumnTypeNullable(i)
	}
	return false, false
}

// ColumnTypePrecisionScale implements driver.RowsColumnTypePrecisionScale.
func (r *rows) ColumnTypePrecisionScale(i int) (precision, scale int64, ok bool) {
	if c, ok := r.Rows.(driver.RowsColumnTypePrecisionScale); ok {
		return c.ColumnTypePrecisionScale(i)
	}
	return 0, 0, false
}

// reads reports a query that changes nothing, as far as its first word tells.
func reads(query string) bool {
	const word = "SELECT"
	query = strings.TrimLeft(query, " \t\r\n(")
	return len(query) >= len(word) && strings.EqualFold(query[:len(word)], word)
}
