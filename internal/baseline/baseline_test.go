package baseline_test

import (
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"example.com/identityd/internal/baseline"
	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/sqlseam"
	"example.com/identityd/internal/store"
)

func TestMain(m *testing.M) {
	sqlseam.Register()
	os.Exit(pgtest.Main(m))
}

const small = `CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE INDEX person_name_idx ON person (name);
INSERT INTO person VALUES (1, 'Ada'), (2, 'Grace; Hopper');
`

// kind is a kind of database, empty makes one.
type kind struct {
	dialect store.Dialect
	empty   func(t *testing.T) *sql.DB
}

func kinds() map[string]kind {
	return map[string]kind{
		"SQLite": {store.SQLite, func(t *testing.T) *sql.DB {
			return open(t, store.Settings{URL: "sqlite://" + filepath.Join(t.TempDir(), "data")})
		}},
		"SQLite in memory": {store.SQLite, func(t *testing.T) *sql.DB {
			s := store.Settings{URL: "sqlite://:memory:"}
			s.Hydra.Name = "m" + filepath.Base(t.TempDir()) + filepath.Base(filepath.Dir(t.TempDir()))
			return open(t, s)
		}},
		"PostgreSQL": {store.Postgres, func(t *testing.T) *sql.DB { return open(t, postgres(t)) }},
	}
}

func postgres(t *testing.T) store.Settings {
	server := pgtest.Shared(t)
	s := store.Settings{URL: server.URL()}
	s.Hydra.Name, s.Kratos.Name = server.Databases(t)
	return s
}

func open(t *testing.T, s store.Settings) *sql.DB {
	t.Helper()
	dsn, _, err := store.Resolve(s)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Wait(t.Context(), dsn, store.WaitOptions{Create: true}); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(dsn, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func must(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%v\n%s", err, s)
		}
	}
}

// people counts the rows of the small baseline; -1 is a table that is not there.
func people(t *testing.T, db *sql.DB) int {
	t.Helper()
	var n int
	if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM person").Scan(&n); err != nil {
		return -1
	}
	return n
}

func TestApply(t *testing.T) {
	for name, kind := range kinds() {
		t.Run(name, func(t *testing.T) {
			for _, c := range []struct {
				name   string
				before []string
				made   bool
			}{
				{"an empty database is made", nil, true},
				{"tables of ours do not count", []string{
					"CREATE TABLE identityd_schema (version BIGINT PRIMARY KEY)", "CREATE INDEX identityd_x ON identityd_schema (version)",
				}, true},
				{"a table of somebody else leaves it to the migrations", []string{"CREATE TABLE invoice (id INTEGER)"}, false},
				{"a table whose name only begins like ours is somebody else's", []string{"CREATE TABLE identitydx (id INTEGER)"}, false},
				{"a view of somebody else leaves it to the migrations", []string{"CREATE VIEW answer AS SELECT 42 AS is_it"}, false},
				{"a version table without any version leaves it to the migrations", []string{
					"CREATE TABLE schema_migration (version VARCHAR(48) NOT NULL)",
				}, false},
			} {
				t.Run(c.name, func(t *testing.T) {
					db := kind.empty(t)
					must(t, db, c.before...)
					made, err := baseline.New(kind.dialect, small).Apply(t.Context(), db)
					if err != nil || made != c.made {
						t.Fatalf("got %t, %v, want %t", made, err, c.made)
					}
					want := -1
					if c.made {
						want = 2
					}
					if got := people(t, db); got != want {
						t.Errorf("got %d rows, want %d", got, want)
					}
				})
			}
			t.Run("what fails half-way leaves an empty database, which the next one makes", func(t *testing.T) {
				db := kind.empty(t)
				if made, err := baseline.New(kind.dialect, small+"INSERT INTO nowhere VALUES (1);").Apply(t.Context(), db); err == nil || made {
					t.Errorf("got %t, %v, want an error", made, err)
				}
				if got := people(t, db); got != -1 {
					t.Errorf("got %d rows, want no table", got)
				}
				if made, err := baseline.New(kind.dialect, small).Apply(t.Context(), db); err != nil || !made {
					t.Errorf("got %t, %v, want it made", made, err)
				}
				if made, err := baseline.New(kind.dialect, small).Apply(t.Context(), db); err != nil || made {
					t.Errorf("a second time: got %t, %v, want nothing done", made, err)
				}
			})
			t.Run("it is two statements, however long the script", func(t *testing.T) {
				db := kind.empty(t)
				ctx, record := sqlseam.NewContext(t.Context())
				if _, err := baseline.New(kind.dialect, small).Apply(ctx, db); err != nil {
					t.Fatal(err)
				}
				if got := record.Statements(); got != 2 {
					t.Errorf("got %d statements, want one to look and one to make", got)
				}
			})
			t.Run("no baseline does nothing", func(t *testing.T) {
				if made, err := (baseline.Baseline{}).Apply(t.Context(), kind.empty(t)); err != nil || made {
					t.Errorf("got %t, %v, want nothing", made, err)
				}
			})
		})
	}
}

func TestApplyFollowsTheSearchPath(t *testing.T) {
	settings := postgres(t)
	admin := open(t, settings)
	must(t, admin, "CREATE SCHEMA mine", "CREATE SCHEMA theirs", "CREATE TABLE theirs.invoice (id INTEGER)")
	at := func(path string) *sql.DB {
		s := settings
		s.URL += "&search_path=" + url.QueryEscape(path)
		return open(t, s)
	}
	for _, c := range []struct {
		name, path string
		made       bool
	}{
		{"a schema of somebody else further down the path counts", "mine,theirs", false},
		{"a schema that is not on the path does not", "mine", true},
		{"the other schema is empty still", "public", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			made, err := baseline.New(store.Postgres, small).Apply(t.Context(), at(c.path))
			if err != nil || made != c.made {
				t.Errorf("got %t, %v, want %t", made, err, c.made)
			}
		})
	}
	for _, schema := range []string{"mine", "public"} {
		var n int
		if err := admin.QueryRowContext(t.Context(), "SELECT count(*) FROM "+schema+".person").Scan(&n); err != nil || n != 2 {
			t.Errorf("%s: got %d, %v, want both rows", schema, n, err)
		}
	}
}

// TestApplyPassesOverExtensions: hosted PostgreSQL often has views of pg_stat_statements in public.
func TestApplyPassesOverExtensions(t *testing.T) {
	server := pgtest.Shared(t)
	settings := store.Settings{URL: server.URL()}
	settings.Hydra.Name, _ = server.Databases(t)
	db := open(t, settings)
	must(t, db, "CREATE EXTENSION hstore", "CREATE VIEW seen AS SELECT 1 AS one", "ALTER EXTENSION hstore ADD VIEW seen")
	if made, err := baseline.New(store.Postgres, small).Apply(t.Context(), db); err != nil || !made {
		t.Errorf("got %t, %v, want it made", made, err)
	}
}

func TestFor(t *testing.T) {
	for _, engine := range []string{"hydra", "kratos"} {
		for _, d := range []store.Dialect{store.SQLite, store.Postgres} {
			if _, ok := baseline.For(engine, d); !ok {
				t.Errorf("there is none of %s for %s", engine, d)
			}
		}
	}
	if _, ok := baseline.For("hydra", "mysql"); ok {
		t.Error("got one for mysql")
	}
}
