package sqlite3_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/mattn/go-sqlite3"
)

// open opens a database in a file of the test's own, as the engines do.
func open(t *testing.T, options string) *sql.DB {
	t.Helper()
	return openFile(t, filepath.Join(t.TempDir(), "test.sqlite"), options)
}

func openFile(t *testing.T, file, options string) *sql.DB {
	t.Helper()
	db, err := sql.Open(sqlite3.Name, file+"?_fk=true&_journal_mode=WAL&_synchronous=NORMAL"+options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func connect(t *testing.T, db *sql.DB) *sql.Conn {
	t.Helper()
	c, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() }) //nolint:errcheck // the test is over
	return c
}

func exec(t *testing.T, on interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}, query string, args ...any,
) {
	t.Helper()
	if _, err := on.ExecContext(context.Background(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}
