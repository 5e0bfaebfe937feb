package sqlite3_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/mattn/go-sqlite3"
)

func autocommit(t *testing.T, c *sql.Conn) bool {
	t.Helper()
	var got bool
	if err := c.Raw(func(dc any) error {
		got = dc.(interface{ AutoCommit() bool }).AutoCommit() //nolint:forcetypeassert // ours
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return got
}

// internal/sqlseam repeats only what was a transaction of its own.
func TestAConnectionKnowsWhetherATransactionIsOpen(t *testing.T) {
	db := open(t, "")
	c := connect(t, db)
	exec(t, c, "CREATE TABLE t (id INT PRIMARY KEY)")
	for _, tt := range []struct {
		name, query string
		want        bool
	}{
		{"at first", "SELECT 1", true},
		{"after BEGIN as text", "bEgIn immediate", false},
		{"within it", "INSERT INTO t VALUES (1)", false},
		{"after a savepoint", "SAVEPOINT a", false},
		{"after its release", "RELEASE a", false},
		{"after COMMIT as text", "COMMIT", true},
		{"after a savepoint alone", "SAVEPOINT b", false},
		{"after the release of that one", "RELEASE b", true},
		{"within a comment", "/* BEGIN */ SELECT 1", true},
		{"begun by a script", "SELECT 1; BEGIN; SELECT 2", false},
		{"after ROLLBACK", "ROLLBACK", true},
	} {
		exec(t, c, tt.query)
		if got := autocommit(t, c); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
	t.Run("begun by database/sql", func(t *testing.T) {
		tx, err := c.BeginTx(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if autocommit(t, c) {
			t.Error("got true in a transaction")
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
		if !autocommit(t, c) {
			t.Error("got false after it")
		}
	})
	t.Run("ended by SQLite itself", func(t *testing.T) {
		exec(t, c, "BEGIN")
		if _, err := c.ExecContext(context.Background(), "INSERT OR ROLLBACK INTO t VALUES (1)"); err == nil {
			t.Fatal("a second row with the same key was accepted")
		}
		if !autocommit(t, c) {
			t.Error("got false after a rollback that nobody wrote")
		}
	})
	t.Run("with rows that are being read", func(t *testing.T) {
		exec(t, c, "INSERT INTO t VALUES (2), (3)")
		rows, err := c.QueryContext(context.Background(), "SELECT id FROM t ORDER BY id")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		n := 0
		for rows.Next() {
			n++
		}
		if n != 3 || rows.Err() != nil {
			t.Errorf("got %d rows, %v, want 3", n, rows.Err())
		}
	})
}

func TestErrorsCarryBothCodesAndSQLitesWords(t *testing.T) {
	file := filepath.Join(t.TempDir(), "test.sqlite")
	db := openFile(t, file, "&_busy_timeout=1")
	exec(t, db, "CREATE TABLE p (id INT PRIMARY KEY, name TEXT NOT NULL UNIQUE, n INT CHECK (n > 0))")
	exec(t, db, "CREATE TABLE c (id INT, p INT REFERENCES p(id))")
	exec(t, db, "INSERT INTO p VALUES (1, 'a', 1)")
	other := connect(t, openFile(t, file, ""))
	for _, tt := range []struct {
		name, query string
		code        sqlite3.ErrNo
		extended    sqlite3.ErrNoExtended
		text        string
	}{
		{"unique", "INSERT INTO p VALUES (2, 'a', 1)", sqlite3.ErrConstraint, sqlite3.ErrConstraintUnique, "UNIQUE constraint failed: p.name"},
		{"primary key", "INSERT INTO p VALUES (1, 'b', 1)", sqlite3.ErrConstraint, sqlite3.ErrConstraintPrimaryKey, "UNIQUE constraint failed: p.id"},
		{"foreign key", "INSERT INTO c VALUES (1, 9)", sqlite3.ErrConstraint, sqlite3.ErrConstraintForeignKey, "FOREIGN KEY constraint failed"},
		{"not null", "INSERT INTO p VALUES (3, NULL, 1)", sqlite3.ErrConstraint, sqlite3.ErrConstraintNotNull, "NOT NULL constraint failed: p.name"},
		{"check", "INSERT INTO p VALUES (3, 'c', 0)", sqlite3.ErrConstraint, sqlite3.ErrConstraintCheck, "CHECK constraint failed: n > 0"},
		{"no table", "SELECT * FROM nowhere", sqlite3.ErrError, 1, "no such table: nowhere"},
		{"syntax", "SELEKT", sqlite3.ErrError, 1, `near "SELEKT": syntax error`},
		{"busy", "INSERT INTO p VALUES (3, 'c', 1)", sqlite3.ErrBusy, 5, "database is locked"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.name == "busy" {
				exec(t, other, "BEGIN IMMEDIATE")
				defer exec(t, other, "ROLLBACK")
			}
			_, err := db.Exec(tt.query)
			var got sqlite3.Error
			if !errors.As(err, &got) {
				t.Fatalf("got %T %v, want an Error", err, err)
			}
			if got.Code != tt.code || got.ExtendedCode != tt.extended || got.Error() != tt.text {
				t.Errorf("got %d, %d, %q, want %d, %d, %q", got.Code, got.ExtendedCode, got.Error(), tt.code, tt.extended, tt.text)
			}
		})
	}
	t.Run("and words without a database", func(t *testing.T) {
		if got, want := (sqlite3.Error{Code: sqlite3.ErrFull}).Error(), "database or disk is full"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func TestATextWithoutAStatementHasAResult(t *testing.T) {
	res, err := open(t, "").Exec("-- nothing")
	if err != nil {
		t.Fatal(err)
	}
	if n, err := res.RowsAffected(); n != 0 || err != nil {
		t.Errorf("got %d, %v, want 0", n, err)
	}
}

// busyFor begins a write on one connection and reports how another one fared that wanted to write too.
func busyFor(t *testing.T, options string, ctx context.Context, release time.Duration) (time.Duration, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "test.sqlite")
	one, two := connect(t, openFile(t, file, options)), connect(t, openFile(t, file, options))
	exec(t, one, "CREATE TABLE t (id INT)")
	exec(t, one, "BEGIN IMMEDIATE")
	done := make(chan error, 1)
	began := time.Now()
	go func() {
		_, err := two.ExecContext(ctx, "INSERT INTO t VALUES (1)")
		done <- err
	}()
	select {
	case err := <-done:
		took := time.Since(began)
		exec(t, one, "ROLLBACK")
		return took, err
	case <-time.After(release):
		exec(t, one, "COMMIT")
		return time.Since(began), <-done
	}
}

func TestWritersWaitForEachOther(t *testing.T) {
	const bound = 30 * time.Second
	t.Run("until the first one is done", func(t *testing.T) {
		if took, err := busyFor(t, "&_busy_timeout=60000", context.Background(), 300*time.Millisecond); err != nil {
			t.Errorf("got %v after %s, want to be let in", err, took)
		}
	})
	t.Run("for the busy timeout and no longer", func(t *testing.T) {
		took, err := busyFor(t, "&_busy_timeout=200", context.Background(), time.Minute)
		var got sqlite3.Error
		if !errors.As(err, &got) || got.Code != sqlite3.ErrBusy {
			t.Fatalf("got %v, want busy", err)
		}
		if took < 200*time.Millisecond || took > bound {
			t.Errorf("waited %s, want about 200 ms", took)
		}
	})
	t.Run("until the context ends", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		took, err := busyFor(t, "&_busy_timeout=60000", ctx, time.Minute)
		if !errors.Is(err, context.DeadlineExceeded) || took > bound {
			t.Errorf("got %v after %s, want the deadline", err, took)
		}
	})
}

func TestACanceledContextInterruptsAStatement(t *testing.T) {
	db := open(t, "")
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	var n int
	err := db.QueryRowContext(ctx, `WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 1000000000)
		SELECT count(*) FROM c`).Scan(&n)
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 30*time.Second {
		t.Errorf("got %v after %s, want the deadline", err, time.Since(began))
	}
	if err := db.QueryRow("SELECT 1").Scan(&n); err != nil {
		t.Errorf("the pool does not serve afterwards: %v", err)
	}
}

// In a cache that is shared, SQLite's busy timeout does not apply, and what waits for its own process
// would wait for ever.
func TestASharedCacheIsNotWaitedForForever(t *testing.T) {
	db, err := sql.Open(sqlite3.Name, "file:not-for-ever?mode=memory&cache=shared&_busy_timeout=200")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	one, two := connect(t, db), connect(t, db)
	exec(t, one, "CREATE TABLE t (id INT)")
	exec(t, one, "BEGIN")
	exec(t, one, "INSERT INTO t VALUES (1)")
	_, err = two.ExecContext(context.Background(), "INSERT INTO t VALUES (2)")
	var got sqlite3.Error
	if !errors.As(err, &got) || got.ExtendedCode != sqlite3.ErrLockedSharedCache {
		t.Errorf("got %v, want locked", err)
	}
	exec(t, one, "COMMIT")
	exec(t, two, "INSERT INTO t VALUES (2)")
}

// From a change of the schema to its commit nobody else can prepare a statement, ROLLBACK included.
func TestARollbackInASharedCacheEnds(t *testing.T) {
	db, err := sql.Open(sqlite3.Name, "file:rolls-back?mode=memory&cache=shared&_busy_timeout=200")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	one, two := connect(t, db), connect(t, db)
	tx, err := one.BeginTx(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	exec(t, two, "BEGIN")
	exec(t, two, "CREATE TABLE t (id INT)")
	err = tx.Rollback()
	var got sqlite3.Error
	if !errors.As(err, &got) || got.Code != sqlite3.ErrLocked {
		t.Errorf("got %v, want locked", err)
	}
	exec(t, two, "COMMIT")
}
