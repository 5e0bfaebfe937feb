package sqlseam_test

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/sqlseam"
)

func TestMain(m *testing.M) {
	sqlseam.Register()
	os.Exit(pgtest.Main(m))
}

// databases are the two kinds behind the seam, each with an empty database.
var databases = []struct {
	name string
	open func(*testing.T) *sql.DB
}{
	{"PostgreSQL", func(t *testing.T) *sql.DB {
		s := pgtest.Shared(t)
		name, _ := s.Databases(t)
		exec(t, openPostgres(t, s.DatabaseURL("postgres")), "CREATE DATABASE "+name)
		return openPostgres(t, s.DatabaseURL(name))
	}},
	{"SQLite", func(t *testing.T) *sql.DB { return openSQLite(t, filepath.Join(t.TempDir(), "test.sqlite")) }},
}

func openPostgres(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	return open(t, sqlseam.PostgresDriver, dsn)
}

func openSQLite(t *testing.T, path string) *sql.DB {
	t.Helper()
	return open(t, sqlseam.SQLiteDriver, path+"?_fk=true&_busy_timeout=50&_journal_mode=WAL")
}

func open(t *testing.T, driver, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func exec(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// recorded returns a context with a record, bounded for the case that something hangs.
func recorded(t *testing.T) (context.Context, *sqlseam.Record) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return sqlseam.NewContext(ctx)
}

func wantStatements(t *testing.T, r *sqlseam.Record, want int) {
	t.Helper()
	if got := r.Statements(); got != want {
		t.Errorf("got %d statements, want %d", got, want)
	}
}

func wantNoFailure(t *testing.T, r *sqlseam.Record) {
	t.Helper()
	if err := r.Failure(); err != nil {
		t.Errorf("got failure %v (%T), want none", err, err)
	}
}

// wantFailure checks that a call failed, and that the record knows why.
func wantFailure(t *testing.T, r *sqlseam.Record, err error, want sqlseam.Class) {
	t.Helper()
	if err == nil {
		t.Fatal("the call succeeded")
	}
	failure := r.Failure()
	if failure == nil {
		t.Fatalf("got no failure for %v (%T)", err, err)
	}
	if got := sqlseam.Classify(failure); got != want {
		t.Errorf("got class %d for %v (%T), want %d", got, failure, failure, want)
	}
}

// deferRollback ends a transaction that the test did not end.
func deferRollback(t *testing.T, tx *sql.Tx) {
	t.Helper()
	t.Cleanup(func() {
		if err := tx.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) {
			t.Logf("rolling back: %v", err)
		}
	})
}

func withUser(t *testing.T, dsn string, user *url.Userinfo) string {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	u.User = user
	return u.String()
}
