package sqlseam_test

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/sqlseam"
)

func TestAnswersAreNoFailures(t *testing.T) {
	for _, kind := range databases {
		t.Run(kind.name, func(t *testing.T) {
			db := kind.open(t)
			exec(t, db,
				"CREATE TABLE parents (id int PRIMARY KEY)",
				"CREATE TABLE children (parent int NOT NULL CHECK (parent < 9) REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED)",
				"INSERT INTO parents VALUES (1)")
			for name, statement := range map[string]string{
				"a duplicate key":        "INSERT INTO parents VALUES (1)",
				"a null":                 "INSERT INTO children VALUES (NULL)",
				"a broken check":         "INSERT INTO children VALUES (10)",
				"a syntax error":         "SELEKT 1",
				"a table that is absent": "SELECT * FROM nowhere",
				"a foreign key":          "INSERT INTO children VALUES (2)",
			} {
				t.Run(name, func(t *testing.T) {
					ctx, record := recorded(t)
					if _, err := db.ExecContext(ctx, statement); err == nil {
						t.Fatal("the statement succeeded")
					}
					wantStatements(t, record, 1)
					wantNoFailure(t, record)
				})
			}
			t.Run("no rows", func(t *testing.T) {
				ctx, record := recorded(t)
				var id int
				err := db.QueryRowContext(ctx, "SELECT id FROM parents WHERE id = 7").Scan(&id)
				if !errors.Is(err, sql.ErrNoRows) {
					t.Errorf("got %v, want no rows", err)
				}
				wantNoFailure(t, record)
			})
			t.Run("a deferred constraint that breaks at commit", func(t *testing.T) {
				ctx, record := recorded(t)
				tx, err := db.BeginTx(ctx, nil)
				if err != nil {
					t.Fatal(err)
				}
				deferRollback(t, tx)
				if _, err := tx.ExecContext(ctx, "INSERT INTO children VALUES (3)"); err != nil {
					t.Fatal(err)
				}
				if err := tx.Commit(); err == nil {
					t.Error("the commit succeeded")
				}
				wantNoFailure(t, record)
			})
			t.Run("a statement that cannot be prepared", func(t *testing.T) {
				ctx, record := recorded(t)
				if s, err := db.PrepareContext(ctx, "SELEKT 1"); err == nil {
					defer s.Close() //nolint:errcheck // the test has failed
					t.Error("it was prepared")
				}
				wantStatements(t, record, 0)
				wantNoFailure(t, record)
			})
		})
	}
}

func TestStatesOfPostgreSQL(t *testing.T) {
	db := databases[0].open(t)
	tests := []struct {
		name, state string
		want        sqlseam.Class
	}{
		{"a serialization failure", "40001", sqlseam.Retryable},
		{"a deadlock", "40P01", sqlseam.Retryable},
		{"an outcome that is unknown", "40003", sqlseam.Outage},
		{"a full disk", "53100", sqlseam.Outage},
		{"a read-only server", "25006", sqlseam.Outage},
		{"an internal error", "XX000", sqlseam.Outage},
		{"a lost connection", "08006", sqlseam.Outage},
		{"a statement timeout", "57014", sqlseam.Outage},
		{"a duplicate key", "23505", sqlseam.Answer},
		{"a value of the wrong form", "22P02", sqlseam.Answer},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ctx, record := recorded(t)
			_, err := db.ExecContext(ctx, "DO $$ BEGIN RAISE EXCEPTION 'as asked' USING ERRCODE = '"+tt.state+"'; END $$")
			if err == nil {
				t.Fatal("the block succeeded")
			}
			if got := sqlseam.Classify(err); got != tt.want {
				t.Errorf("got class %d for %v, want %d", got, err, tt.want)
			}
			if got, want := record.Failure() != nil, tt.want != sqlseam.Answer; got != want {
				t.Errorf("recorded: got %v, want %v", got, want)
			}
		})
	}
	t.Run("a real statement timeout", func(t *testing.T) {
		ctx, record := recorded(t)
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		deferRollback(t, tx)
		if _, err := tx.ExecContext(ctx, "SET LOCAL statement_timeout = 50"); err != nil {
			t.Fatal(err)
		}
		_, err = tx.ExecContext(ctx, "SELECT pg_sleep(30)")
		wantFailure(t, record, err, sqlseam.Outage)
	})
	t.Run("two transactions that cannot be put in an order", func(t *testing.T) {
		exec(t, db, "CREATE TABLE accounts (id int PRIMARY KEY, amount int)", "INSERT INTO accounts VALUES (1, 0)")
		ctx, record := recorded(t)
		first, second := begin(ctx, t, db), begin(ctx, t, db)
		for _, tx := range []*sql.Tx{first, second} {
			var amount int
			if err := tx.QueryRowContext(ctx, "SELECT amount FROM accounts").Scan(&amount); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := first.ExecContext(ctx, "UPDATE accounts SET amount = 1"); err != nil {
			t.Fatal(err)
		}
		if err := first.Commit(); err != nil {
			t.Fatal(err)
		}
		_, err := second.ExecContext(ctx, "UPDATE accounts SET amount = 2")
		wantFailure(t, record, err, sqlseam.Retryable)
	})
	t.Run("a commit that cannot be put in an order", func(t *testing.T) {
		exec(t, db, "CREATE TABLE skew (id int)", "INSERT INTO skew VALUES (1), (2)")
		ctx, record := recorded(t)
		first, second := begin(ctx, t, db), begin(ctx, t, db)
		for i, tx := range []*sql.Tx{first, second} {
			var n int
			if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM skew").Scan(&n); err != nil {
				t.Fatal(err)
			}
			if _, err := tx.ExecContext(ctx, "INSERT INTO skew VALUES ($1)", n+i); err != nil {
				t.Fatal(err)
			}
		}
		if err := first.Commit(); err != nil {
			t.Fatal(err)
		}
		wantNoFailure(t, record)
		wantFailure(t, record, second.Commit(), sqlseam.Retryable)
	})
}

func begin(ctx context.Context, t *testing.T, db *sql.DB) *sql.Tx {
	t.Helper()
	tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelSerializable})
	if err != nil {
		t.Fatal(err)
	}
	deferRollback(t, tx)
	return tx
}

func TestFailuresOfSQLite(t *testing.T) {
	create := func(t *testing.T) (string, *sql.DB) {
		path := filepath.Join(t.TempDir(), "test.sqlite")
		db := openSQLite(t, path)
		exec(t, db, "CREATE TABLE things (text text)")
		return path, db
	}
	t.Run("another writer makes it busy", func(t *testing.T) {
		path, db := create(t)
		other := openSQLite(t, path)
		other.SetMaxOpenConns(1)
		exec(t, other, "BEGIN IMMEDIATE")
		ctx, record := recorded(t)
		_, err := db.ExecContext(ctx, "INSERT INTO things VALUES ('x')")
		wantFailure(t, record, err, sqlseam.Retryable)
	})
	t.Run("a file that may only be read", func(t *testing.T) {
		path, _ := create(t)
		db := open(t, sqlseam.SQLiteDriver, "file:"+path+"?mode=ro")
		ctx, record := recorded(t)
		_, err := db.ExecContext(ctx, "INSERT INTO things VALUES ('x')")
		wantFailure(t, record, err, sqlseam.Outage)
	})
	t.Run("a full disk", func(t *testing.T) {
		_, db := create(t)
		db.SetMaxOpenConns(1)
		exec(t, db, "PRAGMA max_page_count = 8")
		ctx, record := recorded(t)
		_, err := db.ExecContext(ctx, "INSERT INTO things VALUES (hex(zeroblob(100000)))")
		wantFailure(t, record, err, sqlseam.Outage)
	})
	t.Run("a file that is something else", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "test.sqlite")
		if err := os.WriteFile(path, make([]byte, 4096), 0o600); err != nil {
			t.Fatal(err)
		}
		db := open(t, sqlseam.SQLiteDriver, path)
		ctx, record := recorded(t)
		_, err := db.ExecContext(ctx, "CREATE TABLE things (text text)")
		wantFailure(t, record, err, sqlseam.Outage)
	})
	t.Run("a folder that is gone", func(t *testing.T) {
		db := openSQLite(t, filepath.Join(t.TempDir(), "absent", "test.sqlite"))
		ctx, record := recorded(t)
		_, err := db.ExecContext(ctx, "SELECT 1")
		wantFailure(t, record, err, sqlseam.Outage)
	})
}

func TestConnectionsThatCannotBeOpened(t *testing.T) {
	s := pgtest.Start(t)
	for name, dsn := range map[string]string{
		"nobody listens":            "postgres://me:sesame@127.0.0.1:1/x?sslmode=disable",
		"a wrong password":          withUser(t, s.DatabaseURL("postgres"), url.UserPassword("identityd", "wrong")),
		"a database that is absent": s.DatabaseURL("absent"),
	} {
		t.Run(name, func(t *testing.T) {
			db := openPostgres(t, dsn)
			ctx, record := recorded(t)
			_, err := db.ExecContext(ctx, "SELECT 1")
			wantFailure(t, record, err, sqlseam.Outage)
			wantStatements(t, record, 0)
			var connect *sqlseam.ConnectError
			if !errors.As(record.Failure(), &connect) {
				t.Errorf("got %T, want a ConnectError", record.Failure())
			}
		})
	}
}
