package store_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/sqlseam"
	"example.com/identityd/internal/store"
)

// emptyDatabase is a new database, which several pools may open.
type emptyDatabase struct {
	dialect store.Dialect
	dsn     store.DSN
}

func (e emptyDatabase) open(t testing.TB) *sql.DB {
	t.Helper()
	db, err := store.Open(e.dsn, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func postgresOn(t testing.TB, s *pgtest.Server) emptyDatabase {
	t.Helper()
	_, name := s.Databases(t)
	return wait(t, store.Settings{URL: s.URL(), Kratos: store.Database{Name: name}, Pool: pool()})
}

func wait(t testing.TB, s store.Settings) emptyDatabase {
	t.Helper()
	_, d, err := store.Resolve(s)
	if err != nil {
		t.Fatal(err)
	}
	log, _ := newLog()
	if err := store.Wait(t.Context(), d, store.WaitOptions{Timeout: bound, Create: true, Log: log}); err != nil {
		t.Fatal(err)
	}
	return emptyDatabase{d.Dialect(), d}
}

var kinds = []struct {
	name string
	make func(testing.TB) emptyDatabase
}{
	{"PostgreSQL", func(t testing.TB) emptyDatabase { return postgresOn(t, pgtest.Shared(t)) }},
	{"PostgreSQL in place of CockroachDB", func(t testing.TB) emptyDatabase {
		e := postgresOn(t, pgtest.Shared(t))
		e.dialect = store.Cockroach
		return e
	}},
	{"SQLite", func(t testing.TB) emptyDatabase {
		return wait(t, store.Settings{URL: "sqlite://" + t.TempDir(), Pool: pool()})
	}},
	{"SQLite in memory", func(t testing.TB) emptyDatabase {
		e := wait(t, store.Settings{
			URL: "sqlite://:memory:", Pool: pool(),
			Kratos: store.Database{Name: strings.ReplaceAll(t.Name(), "/", "-")},
		})
		// What is in memory lives as long as one connection does.
		c, err := e.open(t).Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() }) //nolint:errcheck // nothing is written
		return e
	}},
}

func must(t testing.TB, db *sql.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func count(t testing.TB, db *sql.DB, query string) int {
	t.Helper()
	var n int
	if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

func raise(ctx context.Context, tx *sql.Tx, state string) error {
	_, err := tx.ExecContext(ctx, "DO $$ BEGIN RAISE EXCEPTION 'a test' USING ERRCODE = '"+state+"'; END $$")
	return err
}

func insertOne(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO things (id) VALUES (1)")
	return err
}

func TestTxRepeatsWhatMayBeRepeated(t *testing.T) {
	tests := []struct {
		name      string
		dialect   store.Dialect
		state     string
		failures  int
		wantTries int
		wantState string
	}{
		{"no failure is one try", store.Postgres, "40001", 0, 1, ""},
		{"a serialization failure is repeated", store.Postgres, "40001", 3, 4, ""},
		{"a deadlock is repeated", store.Postgres, "40P01", 1, 2, ""},
		{"the eighth try is the last", store.Postgres, "40001", 100, 8, "40001"},
		{"the eighth try may succeed", store.Postgres, "40001", 7, 8, ""},
		{"a broken constraint is not repeated", store.Postgres, "23505", 100, 1, "23505"},
		{"CockroachDB: a serialization failure is repeated", store.Cockroach, "40001", 3, 4, ""},
		{"CockroachDB: the eighth try is the last", store.Cockroach, "40001", 100, 8, "40001"},
		{"CockroachDB: a broken constraint is not repeated", store.Cockroach, "23505", 100, 1, "23505"},
	}
	db := kinds[0].make(t).open(t)
	must(t, db, "CREATE TABLE things (id int)")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			must(t, db, "DELETE FROM things")
			tries := 0
			err := store.Tx(t.Context(), db, tt.dialect, func(tx *sql.Tx) error {
				tries++
				if err := insertOne(t.Context(), tx); err != nil {
					return err
				}
				if tries <= tt.failures {
					return raise(t.Context(), tx, tt.state)
				}
				return nil
			})
			var state interface{ SQLState() string }
			got := ""
			if errors.As(err, &state) {
				got = state.SQLState()
			}
			if got != tt.wantState || (err == nil) != (tt.wantState == "") {
				t.Errorf("got %v, want SQLSTATE %q", err, tt.wantState)
			}
			if exhausted := tt.wantTries == 8 && err != nil; exhausted && !strings.Contains(err.Error(), "after 8 attempts") {
				t.Errorf("got %q, want the number of attempts", err)
			}
			rows := 0 // of a transaction that failed nothing stays
			if tt.wantState == "" {
				rows = 1
			}
			if diff := cmp.Diff([]int{tt.wantTries, rows}, []int{tries, count(t, db, "SELECT count(*) FROM things")}); diff != "" {
				t.Errorf("tries and rows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTxReturnsTheErrorOfCommit(t *testing.T) {
	const trigger = `CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON things DEFERRABLE INITIALLY DEFERRED
		FOR EACH ROW EXECUTE FUNCTION at_commit()`
	tests := []struct {
		name, body string
		wantTries  int
		want       string
	}{
		{"COMMIT fails", "RAISE EXCEPTION 'refused at commit' USING ERRCODE = '23514';", 1, "refused at commit"},
		{"COMMIT asks to repeat", `IF nextval('commits') < 3 THEN
			RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END IF;`, 3, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			db := kinds[0].make(t).open(t)
			must(t, db, "CREATE TABLE things (id int)", "CREATE SEQUENCE commits",
				"CREATE FUNCTION at_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "+tt.body+" RETURN NULL; END $$", trigger)
			tries := 0
			err := store.Tx(t.Context(), db, store.Postgres, func(tx *sql.Tx) error {
				tries++
				return insertOne(t.Context(), tx)
			})
			wantRows := 0
			if tt.want == "" {
				wantRows = 1
			}
			if (err == nil) != (tt.want == "") || (err != nil && !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got error %v, want %q", err, tt.want)
			}
			if diff := cmp.Diff([]int{tt.wantTries, wantRows}, []int{tries, count(t, db, "SELECT count(*) FROM things")}); diff != "" {
				t.Errorf("tries and rows (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("a statement whose failure fn hides turns COMMIT into ROLLBACK", func(t *testing.T) {
		db := kinds[0].make(t).open(t)
		err := store.Tx(t.Context(), db, store.Postgres, func(tx *sql.Tx) error {
			raise(t.Context(), tx, "23505") //nolint:errcheck // that is the mistake
			return nil
		})
		if !errors.Is(err, pgx.ErrTxCommitRollback) {
			t.Errorf("got %v, want %v", err, pgx.ErrTxCommitRollback)
		}
	})
}

func TestTxRepeatsWhenSQLiteIsBusy(t *testing.T) {
	db, err := sql.Open(sqlseam.SQLiteDriver, t.TempDir()+"/busy.sqlite?_journal_mode=WAL&_busy_timeout=1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	must(t, db, "CREATE TABLE things (id int)")
	other, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close() //nolint:errcheck // it is rolled back by then
	if _, err := other.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	tries := 0
	err = store.Tx(t.Context(), db, store.SQLite, func(tx *sql.Tx) error {
		if tries++; tries == 3 {
			if _, err := other.ExecContext(t.Context(), "ROLLBACK"); err != nil {
				t.Error(err)
			}
		}
		return insertOne(t.Context(), tx)
	})
	if err != nil || tries != 3 || count(t, db, "SELECT count(*) FROM things") != 1 {
		t.Errorf("got %d tries and %v, want the third to succeed", tries, err)
	}
}

func TestTxDropsAConnectionThatCannotRollBack(t *testing.T) {
	e := kinds[3].make(t)
	db, other := e.open(t), e.open(t)
	db.SetMaxOpenConns(1)
	changing, err := other.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	failed := errors.New("a test")
	err = store.Tx(t.Context(), db, store.SQLite, func(*sql.Tx) error {
		// From here to its commit nobody can prepare a statement, ROLLBACK included.
		if _, err := changing.ExecContext(t.Context(), "CREATE TABLE things (id int)"); err != nil {
			t.Error(err)
		}
		return failed
	})
	if !errors.Is(err, failed) {
		t.Errorf("got %v, want %v", err, failed)
	}
	if err := changing.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := store.Tx(t.Context(), db, store.SQLite, func(tx *sql.Tx) error { return insertOne(t.Context(), tx) }); err != nil {
		t.Errorf("the next transaction: %v", err)
	}
}

func TestTxEndsWithItsContext(t *testing.T) {
	for _, d := range []store.Dialect{store.Postgres, store.Cockroach} {
		t.Run(string(d)+": between two tries", func(t *testing.T) {
			db := kinds[0].make(t).open(t)
			ctx, cancel := context.WithCancel(t.Context())
			tries := 0
			err := store.Tx(ctx, db, d, func(tx *sql.Tx) error {
				tries++
				err := raise(t.Context(), tx, "40001")
				cancel()
				return err
			})
			if tries != 1 || !errors.Is(err, context.Canceled) || sqlseam.Classify(err) == sqlseam.Retryable {
				t.Errorf("got %d tries and %v, want one and the end of the context", tries, err)
			}
		})
	}
}

func TestTxGivesItsConnectionBackWhenFnPanics(t *testing.T) {
	for _, kind := range kinds[:3] {
		t.Run(kind.name, func(t *testing.T) {
			e := kind.make(t)
			db := e.open(t)
			db.SetMaxOpenConns(1)
			func() {
				defer func() {
					if recover() == nil {
						t.Error("the panic was swallowed")
					}
				}()
				store.Tx(t.Context(), db, e.dialect, func(*sql.Tx) error { panic("a test") }) //nolint:errcheck // it panics
			}()
			ctx, cancel := context.WithTimeout(t.Context(), bound)
			defer cancel()
			if err := store.Tx(ctx, db, e.dialect, func(*sql.Tx) error { return nil }); err != nil {
				t.Errorf("got %v, want the connection back", err)
			}
		})
	}
}
