package sqlseam_test

import (
	"database/sql"
	"testing"

	"example.com/identityd/internal/sqlseam"
)

// TestAMigrationBesideServing changes the columns of a table whose statements are prepared on every
// connection of a pool (docs/ory-quirks.md#q41).
func TestAMigrationBesideServing(t *testing.T) {
	db := databases[0].open(t)
	exec(t, db, "CREATE TABLE people (id INT PRIMARY KEY, name TEXT)", "INSERT INTO people VALUES (1, 'ada')")
	const all = "SELECT * FROM people WHERE id = $1"
	const conns = 4
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	// prepare runs the statement on all connections at once, so that each has prepared it.
	prepare := func(t *testing.T) {
		t.Helper()
		var held []*sql.Conn
		for range conns {
			c, err := db.Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			rows, err := c.QueryContext(t.Context(), all, 1)
			if err != nil {
				t.Fatal(err)
			}
			if err := rows.Close(); err != nil { //nolint:sqlclosecheck // the statement is prepared by then, and the next one needs the connection
				t.Fatal(err)
			}
			held = append(held, c)
		}
		for _, c := range held {
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	columns := func(q interface {
		Query(string, ...any) (*sql.Rows, error)
	},
	) (int, error) {
		rows, err := q.Query(all, 1)
		if err != nil {
			return 0, err
		}
		defer rows.Close()
		names, err := rows.Columns()
		if err != nil {
			return 0, err
		}
		for rows.Next() {
		}
		return len(names), rows.Err()
	}
	t.Run("a single statement is run again and returns the new columns", func(t *testing.T) {
		prepare(t)
		exec(t, db, "ALTER TABLE people ADD COLUMN email TEXT")
		before := sqlseam.Stats().Repeated
		for range 2 * conns {
			if n, err := columns(db); err != nil || n != 3 {
				t.Errorf("got %d columns, %v, want 3", n, err)
			}
		}
		if sqlseam.Stats().Repeated == before {
			t.Error("nothing was repeated, so that this shows nothing")
		}
	})
	t.Run("a transaction meets it once at most, as a conflict, whatever connection it is on", func(t *testing.T) {
		prepare(t)
		exec(t, db, "ALTER TABLE people ADD COLUMN phone TEXT")
		failed := 0
		for range 3 * conns {
			tx, err := db.BeginTx(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if n, err := columns(tx); err != nil {
				failed++
				if sqlseam.Classify(err) != sqlseam.Retryable {
					t.Errorf("got %v as %v, want a conflict", err, sqlseam.Classify(err))
				}
			} else if n != 4 {
				t.Errorf("got %d columns, want 4", n)
			}
			if err := tx.Rollback(); err != nil {
				t.Fatal(err)
			}
		}
		if failed != 1 {
			t.Errorf("got %d failures, want the one of the first", failed)
		}
	})
	t.Run("a feature that is not there is an answer", func(t *testing.T) {
		_, err := db.ExecContext(t.Context(), "SELECT 1 FROM people FOR UPDATE OF people WINDOW")
		if err == nil || sqlseam.Classify(err) != sqlseam.Answer {
			t.Errorf("got %v, want an answer", err)
		}
	})
}
