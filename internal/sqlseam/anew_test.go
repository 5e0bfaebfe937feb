package sqlseam_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"

	"example.com/identityd/internal/sqlseam"
)

// TestATransactionThatOnlyRead writes after somebody else has written, which SQLite refuses.
func TestATransactionThatOnlyRead(t *testing.T) {
	setup := func(t *testing.T) *sql.DB {
		t.Helper()
		db := openSQLite(t, filepath.Join(t.TempDir(), "test.sqlite"))
		exec(t, db, "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT)", "CREATE TABLE trail (what TEXT)", "INSERT INTO people VALUES (1, 'ada')")
		return db
	}
	plain := func(ctx context.Context, t *testing.T, db *sql.DB) *sql.Tx {
		t.Helper()
		tx, err := db.BeginTx(ctx, nil) // as pop does
		if err != nil {
			t.Fatal(err)
		}
		deferRollback(t, tx)
		return tx
	}
	reads := func(t *testing.T, tx *sql.Tx) {
		t.Helper()
		var name string
		if err := tx.QueryRowContext(t.Context(), "SELECT name FROM people WHERE id = 1").Scan(&name); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("goes on as READ COMMITTED would", func(t *testing.T) {
		db := setup(t)
		ctx, record := recorded(t)
		tx := plain(ctx, t, db)
		reads(t, tx)
		exec(t, db, "INSERT INTO trail VALUES ('somebody else')")
		if _, err := tx.ExecContext(ctx, "UPDATE people SET name = 'grace' WHERE id = 1"); err != nil {
			t.Fatal(err)
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		wantNoFailure(t, record)
		var name string
		if err := db.QueryRowContext(ctx, "SELECT name FROM people").Scan(&name); err != nil || name != "grace" {
			t.Errorf("got %q, %v, want grace", name, err)
		}
	})
	t.Run("with a row that is returned", func(t *testing.T) {
		db := setup(t)
		ctx, _ := recorded(t)
		tx := plain(ctx, t, db)
		reads(t, tx)
		exec(t, db, "INSERT INTO trail VALUES ('somebody else')")
		var id int
		if err := tx.QueryRowContext(ctx, "INSERT INTO people (name) VALUES ('grace') RETURNING id").Scan(&id); err != nil || id != 2 {
			t.Fatalf("got %d, %v, want 2", id, err)
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("is undone as a whole by a rollback", func(t *testing.T) {
		db := setup(t)
		ctx, _ := recorded(t)
		tx := plain(ctx, t, db)
		reads(t, tx)
		exec(t, db, "INSERT INTO trail VALUES ('somebody else')")
		if _, err := tx.ExecContext(ctx, "UPDATE people SET name = 'grace'"); err != nil {
			t.Fatal(err)
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
		var name string
		if err := db.QueryRowContext(ctx, "SELECT name FROM people").Scan(&name); err != nil || name != "ada" {
			t.Errorf("got %q, %v, want ada", name, err)
		}
	})
	t.Run("is refused where its owner runs it again", func(t *testing.T) {
		db := setup(t)
		ctx, record := recorded(t)
		tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelSerializable})
		if err != nil {
			t.Fatal(err)
		}
		deferRollback(t, tx)
		reads(t, tx)
		exec(t, db, "INSERT INTO trail VALUES ('somebody else')")
		_, err = tx.ExecContext(ctx, "UPDATE people SET name = 'grace'")
		wantFailure(t, record, err, sqlseam.Retryable)
	})
}
