package sqlseam_test

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"sync"
	"testing"

	"example.com/identityd/internal/sqlseam"
)

func TestRegisterTwiceIsFine(t *testing.T) {
	var group sync.WaitGroup
	for range 4 {
		group.Go(sqlseam.Register)
	}
	group.Wait()
	for _, name := range []string{sqlseam.PostgresDriver, sqlseam.SQLiteDriver} {
		if !slices.Contains(sql.Drivers(), name) {
			t.Errorf("%s is not registered", name)
		}
	}
}

// querier is what *sql.DB and *sql.Tx have in common.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

func TestEachStatementIsCountedOnce(t *testing.T) {
	steps := []struct {
		name string
		run  func(context.Context, querier) error
		want int
	}{
		{"a statement without arguments", func(ctx context.Context, q querier) error {
			_, err := q.ExecContext(ctx, "INSERT INTO things VALUES (1, 'one')")
			return err
		}, 1},
		{"a statement with arguments", func(ctx context.Context, q querier) error {
			_, err := q.ExecContext(ctx, "INSERT INTO things VALUES ($1, $2)", 2, "two")
			return err
		}, 1},
		{"a query", func(ctx context.Context, q querier) error {
			rows, err := q.QueryContext(ctx, "SELECT id FROM things WHERE id > $1", 0)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var id int
				if err := rows.Scan(&id); err != nil {
					return err
				}
			}
			return rows.Err()
		}, 1},
		{"a query for one row", func(ctx context.Context, q querier) error {
			var n int
			return q.QueryRowContext(ctx, "SELECT count(*) FROM things").Scan(&n)
		}, 1},
		{"a prepared statement, executed three times", func(ctx context.Context, q querier) error {
			s, err := q.PrepareContext(ctx, "INSERT INTO things VALUES ($1, $2)")
			if err != nil {
				return err
			}
			defer s.Close() //nolint:errcheck // it has been used
			for id := range 3 {
				if _, err := s.ExecContext(ctx, 10+id, "ten"); err != nil {
					return err
				}
			}
			return nil
		}, 3},
		{"a prepared query, executed twice", func(ctx context.Context, q querier) error {
			s, err := q.PrepareContext(ctx, "SELECT name FROM things WHERE id = $1")
			if err != nil {
				return err
			}
			defer s.Close() //nolint:errcheck // it has been used
			var name string
			if err := s.QueryRowContext(ctx, 10).Scan(&name); err != nil {
				return err
			}
			return s.QueryRowContext(ctx, 11).Scan(&name)
		}, 2},
	}
	for _, kind := range databases {
		t.Run(kind.name, func(t *testing.T) {
			db := kind.open(t)
			exec(t, db, "CREATE TABLE things (id int PRIMARY KEY, name text)")
			for _, step := range steps {
				t.Run(step.name, func(t *testing.T) {
					ctx, record := recorded(t)
					if err := step.run(ctx, db); err != nil {
						t.Fatal(err)
					}
					wantStatements(t, record, step.want)
					wantNoFailure(t, record)
				})
			}
			t.Run("all of them in a transaction, whose begin and commit are none", func(t *testing.T) {
				exec(t, db, "DELETE FROM things")
				ctx, record := recorded(t)
				tx, err := db.BeginTx(ctx, nil)
				if err != nil {
					t.Fatal(err)
				}
				deferRollback(t, tx)
				want := 0
				for _, step := range steps {
					if err := step.run(ctx, tx); err != nil {
						t.Fatalf("%s: %v", step.name, err)
					}
					want += step.want
				}
				if err := tx.Commit(); err != nil {
					t.Fatal(err)
				}
				wantStatements(t, record, want)
				wantNoFailure(t, record)
			})
			t.Run("a statement without a record does no harm", func(t *testing.T) {
				exec(t, db, "DELETE FROM things")
			})
		})
	}
}

func TestParallelStatementsOfOneRequestAreAllCounted(t *testing.T) {
	for _, kind := range databases {
		t.Run(kind.name, func(t *testing.T) {
			db := kind.open(t)
			ctx, record := recorded(t)
			var group sync.WaitGroup
			for range 8 {
				group.Go(func() {
					for range 5 {
						var one int
						if err := db.QueryRowContext(ctx, "SELECT 1").Scan(&one); err != nil {
							t.Error(err)
						}
					}
				})
			}
			group.Wait()
			wantStatements(t, record, 40)
		})
	}
}

func TestCarrySharesTheRecord(t *testing.T) {
	db := databases[1].open(t)
	ctx, record := recorded(t)
	fresh, cancel := context.WithCancel(context.Background())
	defer cancel()
	carried := sqlseam.Carry(ctx, fresh)
	if _, err := db.ExecContext(carried, "CREATE TABLE things (id int)"); err != nil {
		t.Fatal(err)
	}
	wantStatements(t, record, 1)
	if got := sqlseam.FromContext(carried); got != record {
		t.Errorf("got record %p, want %p", got, record)
	}
	if got := sqlseam.FromContext(sqlseam.Carry(context.Background(), fresh)); got != nil {
		t.Errorf("got record %p from a context without one", got)
	}
	cancel()
	if carried.Err() == nil {
		t.Error("the carried context is not the one it was carried to")
	}
}

func TestFailuresApartAreNotTheRequests(t *testing.T) {
	db := databases[1].open(t)
	ctx, record := recorded(t)
	apart, done := sqlseam.Apart(ctx)
	for range 2 {
		if _, err := db.ExecContext(apart, "SELECT 1"); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	expired, cancel := context.WithTimeout(apart, 0)
	defer cancel()
	if _, err := databases[1].open(t).ExecContext(expired, "SELECT 1"); err == nil {
		t.Fatal("a statement after the deadline succeeded")
	}
	done()
	wantStatements(t, record, 2)
	wantNoFailure(t, record)
}

// A []string is an argument that only the driver understands. database/sql would refuse it if the
// seam hid that from it, or hid it for prepared statements.
func TestArgumentsOfTheDriverPass(t *testing.T) {
	db := databases[0].open(t)
	ctx, _ := recorded(t)
	const query = "SELECT array_to_string($1::text[], '-')"
	prepared, err := db.PrepareContext(ctx, query)
	if err != nil {
		t.Fatal(err)
	}
	defer prepared.Close() //nolint:errcheck // the test is over
	for name, row := range map[string]*sql.Row{
		"directly": db.QueryRowContext(ctx, query, []string{"a", "b"}),
		"prepared": prepared.QueryRowContext(ctx, []string{"a", "b"}),
	} {
		var got string
		if err := row.Scan(&got); err != nil {
			t.Errorf("%s: %v", name, err)
		} else if want := "a-b"; got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestColumnTypesPass(t *testing.T) {
	db := databases[0].open(t)
	ctx, _ := recorded(t)
	rows, err := db.QueryContext(ctx, "SELECT 'x'::varchar(7) AS name, 1.5::numeric(10,2) AS price")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := types[0].Length(); got != 7 || !ok {
		t.Errorf("length: got %d, %v, want 7", got, ok)
	}
	if precision, scale, ok := types[1].DecimalSize(); precision != 10 || scale != 2 || !ok {
		t.Errorf("decimal size: got %d, %d, %v, want 10, 2", precision, scale, ok)
	}
	if got := types[0].DatabaseTypeName(); !strings.EqualFold(got, "varchar") {
		t.Errorf("type: got %s, want varchar", got)
	}
}
