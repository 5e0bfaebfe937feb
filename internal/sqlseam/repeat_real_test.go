package sqlseam_test

import (
	"path/filepath"
	"testing"
	"time"

	"example.com/identityd/internal/sqlseam"
)

func TestRealConflictsAreRepeated(t *testing.T) {
	db := databases[0].open(t)
	exec(t, db,
		"CREATE TABLE things (name text)",
		// A sequence is not rolled back, so that it counts the failed attempts as well.
		"CREATE SEQUENCE met",
		`CREATE FUNCTION conflict() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			IF nextval('met') <= 2 THEN RAISE EXCEPTION 'restart transaction' USING ERRCODE = '40001'; END IF;
			RETURN NEW;
		END $$`,
		"CREATE TRIGGER conflict BEFORE INSERT ON things FOR EACH ROW EXECUTE FUNCTION conflict()")
	const insert = "INSERT INTO things VALUES ($1)"
	t.Run("a statement", func(t *testing.T) {
		exec(t, db, "ALTER SEQUENCE met RESTART")
		ctx, record := recorded(t)
		if _, err := db.ExecContext(ctx, insert, "x"); err != nil {
			t.Error(err)
		}
		wantStatements(t, record, 3)
		wantNoFailure(t, record)
	})
	t.Run("a query", func(t *testing.T) {
		exec(t, db, "ALTER SEQUENCE met RESTART")
		ctx, record := recorded(t)
		var name string
		if err := db.QueryRowContext(ctx, insert+" RETURNING name", "x").Scan(&name); err != nil || name != "x" {
			t.Errorf("got %q, %v", name, err)
		}
		wantStatements(t, record, 3)
		wantNoFailure(t, record)
	})
	t.Run("a prepared statement", func(t *testing.T) {
		exec(t, db, "ALTER SEQUENCE met RESTART")
		ctx, record := recorded(t)
		s, err := db.PrepareContext(ctx, insert)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close() //nolint:errcheck // the test is over
		if _, err := s.ExecContext(ctx, "x"); err != nil {
			t.Error(err)
		}
		wantStatements(t, record, 3)
		wantNoFailure(t, record)
	})
	t.Run("not a statement of a transaction that was begun by text", func(t *testing.T) {
		exec(t, db, "ALTER SEQUENCE met RESTART")
		ctx, record := recorded(t)
		c, err := db.Conn(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close() //nolint:errcheck // the test is over
		if _, err := c.ExecContext(ctx, "BEGIN"); err != nil {
			t.Fatal(err)
		}
		_, err = c.ExecContext(ctx, insert, "x")
		wantFailure(t, record, err, sqlseam.Retryable)
		wantStatements(t, record, 2)
		if _, err := c.ExecContext(ctx, "ROLLBACK"); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("each was written once", func(t *testing.T) {
		var n int
		if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM things").Scan(&n); err != nil || n != 3 {
			t.Errorf("got %d rows, %v, want 3", n, err)
		}
	})
}

func TestABusySQLiteIsRepeated(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.sqlite")
	// It does not wait by itself, so that a free lock is found by repetition alone.
	db := open(t, sqlseam.SQLiteDriver, path+"?_busy_timeout=0&_journal_mode=WAL")
	exec(t, db, "CREATE TABLE things (name text)")
	other := openSQLite(t, path)
	other.SetMaxOpenConns(1)
	for name, query := range map[string]string{
		"a statement": "INSERT INTO things VALUES ('x')",
		"a query":     "INSERT INTO things VALUES ('x') RETURNING name",
	} {
		t.Run(name, func(t *testing.T) {
			exec(t, other, "BEGIN IMMEDIATE")
			released := make(chan error, 1)
			time.AfterFunc(50*time.Millisecond, func() {
				_, err := other.Exec("ROLLBACK")
				released <- err
			})
			ctx, record := recorded(t)
			var err error
			if name == "a query" {
				var got string
				err = db.QueryRowContext(ctx, query).Scan(&got)
			} else {
				_, err = db.ExecContext(ctx, query)
			}
			if err != nil {
				t.Error(err)
			}
			if err := <-released; err != nil {
				t.Fatal(err)
			}
			wantNoFailure(t, record)
			if record.Statements() < 2 {
				t.Error("nothing was repeated")
			}
		})
	}
}

func TestRewritingComesTooLate(t *testing.T) {
	if err := sqlseam.RegisterWith(func(query string) string { return query }); err == nil {
		t.Error("statements of open connections would not be rewritten")
	}
}
