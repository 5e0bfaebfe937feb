package sqlseam_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/mattn/go-sqlite3"

	"example.com/identityd/internal/pgtest"
)

// optional are the interfaces that database/sql looks for in a driver. It ignores driver.Execer and
// driver.Queryer where their Context variants exist.
var optional = []reflect.Type{
	reflect.TypeFor[driver.DriverContext](), reflect.TypeFor[driver.Pinger](), reflect.TypeFor[driver.ExecerContext](),
	reflect.TypeFor[driver.QueryerContext](), reflect.TypeFor[driver.ConnPrepareContext](),
	reflect.TypeFor[driver.ConnBeginTx](), reflect.TypeFor[driver.SessionResetter](), reflect.TypeFor[driver.Validator](),
	reflect.TypeFor[driver.NamedValueChecker](), reflect.TypeFor[driver.StmtExecContext](),
	reflect.TypeFor[driver.StmtQueryContext](), reflect.TypeFor[driver.RowsNextResultSet](),
	reflect.TypeFor[driver.RowsColumnTypeScanType](), reflect.TypeFor[driver.RowsColumnTypeDatabaseTypeName](),
	reflect.TypeFor[driver.RowsColumnTypeLength](), reflect.TypeFor[driver.RowsColumnTypeNullable](),
	reflect.TypeFor[driver.RowsColumnTypePrecisionScale](),
	// driver.ColumnConverter, and io.Closer of a connector; the seam has neither.
	reflect.TypeFor[interface {
		ColumnConverter(idx int) driver.ValueConverter
	}](),
	reflect.TypeFor[interface{ Close() error }](),
}

// parts are what one driver hands to database/sql.
func parts(t *testing.T, d driver.Driver, dsn string) map[string]any {
	t.Helper()
	ctx, _ := recorded(t)
	out := map[string]any{"driver": d}
	var conn driver.Conn
	var err error
	if dc, ok := d.(driver.DriverContext); ok {
		connector, connectorErr := dc.OpenConnector(dsn)
		if connectorErr != nil {
			t.Fatal(connectorErr)
		}
		out["connector"] = connector
		conn, err = connector.Connect(ctx)
	} else {
		conn, err = d.Open(dsn)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() }) //nolint:errcheck // the test is over
	out["connection"] = conn
	rows, err := conn.(driver.QueryerContext).QueryContext(ctx, "SELECT 1", nil) //nolint:forcetypeassert // both drivers
	if err != nil {
		t.Fatal(err)
	}
	out["rows"] = rows
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
	stmt, err := conn.(driver.ConnPrepareContext).PrepareContext(ctx, "SELECT 1") //nolint:forcetypeassert // both drivers
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stmt.Close() }) //nolint:errcheck // the test is over
	out["statement"] = stmt
	return out
}

// A driver that begins to implement more at an upgrade would lose it behind the seam, silently.
func TestTheSeamHidesNothingOfTheDrivers(t *testing.T) {
	drivers := []struct {
		name string
		bare func() driver.Driver
		dsn  func(*testing.T) string
	}{
		{"PostgreSQL", stdlib.GetDefaultDriver, func(t *testing.T) string { return pgtest.Shared(t).DatabaseURL("postgres") }},
		{"SQLite", func() driver.Driver { return &sqlite3.SQLiteDriver{} }, func(t *testing.T) string {
			return filepath.Join(t.TempDir(), "test.sqlite")
		}},
	}
	for i, d := range drivers {
		t.Run(d.name, func(t *testing.T) {
			bare := parts(t, d.bare(), d.dsn(t))
			ours := parts(t, databases[i].open(t).Driver(), d.dsn(t))
			checked := 0
			for part, inner := range bare {
				for _, face := range optional {
					if !reflect.TypeOf(inner).Implements(face) {
						continue
					}
					checked++
					if !reflect.TypeOf(ours[part]).Implements(face) {
						t.Errorf("the %s of the driver implements %s, ours (%T) does not", part, face, ours[part])
					}
				}
			}
			if checked < 10 {
				t.Errorf("only %d interfaces were compared", checked)
			}
		})
	}
}

// What the seam adds for a driver that lacks it has to be what database/sql assumes.
func TestTheSeamAddsNothingToTheDrivers(t *testing.T) {
	db := databases[1].open(t)
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // the test is over
	bare, err := new(sqlite3.SQLiteDriver).Open(filepath.Join(t.TempDir(), "test.sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	defer bare.Close() //nolint:errcheck // the test is over
	if _, ok := bare.(driver.NamedValueChecker); ok {
		t.Fatal("SQLite checks values by itself now")
	}
	err = conn.Raw(func(c any) error {
		value := driver.NamedValue{Ordinal: 1, Value: 1}
		//nolint:forcetypeassert // the seam has it
		if err := c.(driver.NamedValueChecker).CheckNamedValue(&value); !errors.Is(err, driver.ErrSkip) {
			t.Errorf("CheckNamedValue: got %v, want %v", err, driver.ErrSkip)
		}
		//nolint:forcetypeassert // the seam has it
		if !c.(driver.Validator).IsValid() {
			t.Error("a new connection is not valid")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := db.QueryContext(context.Background(), "SELECT 1 AS n")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if !rows.Next() || rows.Next() || rows.NextResultSet() {
		t.Error("want one row of one result")
	}
	types, err := func() ([]*sql.ColumnType, error) {
		again, err := db.QueryContext(context.Background(), "SELECT 1 AS n")
		if err != nil {
			return nil, err
		}
		defer again.Close()
		return again.ColumnTypes()
	}()
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := types[0].Length(); ok {
		t.Error("SQLite knows no length, the seam made one up")
	}
	if _, _, ok := types[0].DecimalSize(); ok {
		t.Error("SQLite knows no decimal size, the seam made one up")
	}
}
