package stacktest

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"example.com/identityd/internal/store"
)

// lines runs a query and returns its rows as text, the values of a row joined by a bar.
func lines(t testing.TB, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("%v\n%s", err, query)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for rows.Next() {
		values := make([]sql.NullString, len(columns))
		into := make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		var row []string
		for _, v := range values {
			if !v.Valid {
				v.String = "NULL"
			}
			row = append(row, v.String)
		}
		out = append(out, strings.Join(row, " | "))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// tables names all tables of the database by their order in the alphabet, SQLite's own counters
// included where there are some.
func tables(t testing.TB, d database) []string {
	t.Helper()
	query := `SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = current_schema()`
	if d.dsn.Dialect() == store.SQLite {
		query = `SELECT name FROM sqlite_master WHERE type = 'table'`
	}
	out := lines(t, d.db, query)
	slices.Sort(out)
	return out
}

func countRows(t testing.TB, db *sql.DB, table string) int {
	t.Helper()
	var n int
	if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM "+quoted(table)).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// literals is a query for the rows of a table as SQL, each a list of literals, in the order given.
func literals(t testing.TB, d database, table, order string) (columns []string, query string) {
	t.Helper()
	rows, err := d.db.QueryContext(t.Context(), "SELECT * FROM "+quoted(table)+" LIMIT 0")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if columns, err = rows.Columns(); err != nil {
		t.Fatal(err)
	}
	literal := "quote_nullable(%s)"
	if d.dsn.Dialect() == store.SQLite {
		literal = "quote(%s)"
	}
	var list []string
	for i, c := range columns {
		columns[i] = quoted(c)
		list = append(list, fmt.Sprintf(literal, columns[i]))
	}
	return columns, "SELECT " + strings.Join(list, " || ', ' || ") + " FROM " + quoted(table) + " ORDER BY " + order
}

// insertAll is one statement for all rows of a table, and nothing for an empty one.
func insertAll(t testing.TB, d database, table, order string) string {
	t.Helper()
	columns, query := literals(t, d, table, order)
	rows := lines(t, d.db, query)
	if len(rows) == 0 {
		return ""
	}
	return fmt.Sprintf("INSERT INTO %s (%s) VALUES\n(%s);\n", table, strings.Join(columns, ", "), strings.Join(rows, "),\n("))
}
