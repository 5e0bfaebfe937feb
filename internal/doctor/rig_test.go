package doctor_test

import (
	"context"
	"database/sql"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"testing"

	"example.com/identityd/internal/baseline"
	"example.com/identityd/internal/config"
	"example.com/identityd/internal/doctor"
	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/sqlseam"
	"example.com/identityd/internal/store"
)

func TestMain(m *testing.M) {
	sqlseam.Register()
	os.Exit(pgtest.Main(m))
}

// subject is an installation with a database of SQLite, or of what url says.
func subject(t *testing.T, change func(*config.Config)) *doctor.Subject {
	t.Helper()
	dir := t.TempDir()
	cfg, problems := config.Inspect(config.Options{Dir: dir, Set: map[string]string{"data_dir": dir}})
	if problems != nil {
		t.Fatal(problems)
	}
	if change != nil {
		change(&cfg)
	}
	return about(cfg)
}

// about is the subject of a configuration, as internal/stack makes it.
func about(cfg config.Config) *doctor.Subject {
	d := cfg.Database
	one := func(u config.DatabaseUser) store.Database {
		return store.Database{Name: u.Name, User: u.User, Password: u.Password.Reveal(), URL: u.URL.Reveal()}
	}
	return &doctor.Subject{
		Config: cfg, Version: "test", Log: slog.New(slog.DiscardHandler),
		Settings: store.Settings{URL: d.URL.Reveal(), Hydra: one(d.Hydra), Kratos: one(d.Kratos), Pool: store.Pool(d.Pool)},
	}
}

// onPostgres is an installation on PostgreSQL with the names of two databases that are not there yet.
func onPostgres(t *testing.T, change func(*url.URL)) *doctor.Subject {
	t.Helper()
	server := pgtest.Shared(t)
	hydra, kratos := server.Databases(t)
	u, err := url.Parse(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(u)
	}
	return subject(t, func(c *config.Config) {
		c.Database.URL = config.NewDSN(u.String())
		c.Database.Hydra.Name, c.Database.Kratos.Name = hydra, kratos
	})
}

// TestInstallations looks at a whole installation of each kind: first that all is well, then at what each
// check finds when something is not.
func TestInstallations(t *testing.T) {
	for kind, s := range map[string]*doctor.Subject{"SQLite": subject(t, nil), "PostgreSQL": onPostgres(t, nil)} {
		t.Run(kind, func(t *testing.T) {
			db := made(t, s)
			for _, check := range []string{
				"database/answers", "database/server", "database/tls", "database/pool", "clock/database", "clock/replicas",
				"housekeeping/leases", "housekeeping/audit", "secrets/values", "secrets/data_dir", "secrets/files",
			} {
				t.Run(check+" finds nothing", func(t *testing.T) { fine(t, examine(t, again(s, nil), check, doctor.Options{})) })
			}
			t.Run("clocks", func(t *testing.T) { clockChecks(t, s, db) })
			t.Run("janitor", func(t *testing.T) { janitorChecks(t, s, db) })
			t.Run("audit trail", func(t *testing.T) { auditChecks(t, s, db) })
			t.Run("signing keys", func(t *testing.T) { keyChecks(t, s, db) })
			t.Run("schema", func(t *testing.T) { schemaChecks(t, s) })
			if kind == "PostgreSQL" {
				t.Run("pool", func(t *testing.T) { poolChecks(t, s, db) })
				t.Run("leases", func(t *testing.T) { leaseChecks(t, s, db) })
			}
		})
	}
}

// databases are two that can be written, while the doctor only reads.
type databases struct {
	hydra, kratos *sql.DB
	dialect       store.Dialect
}

// makeDatabases makes both, without tables.
func makeDatabases(t *testing.T, s *doctor.Subject) databases {
	t.Helper()
	hydra, kratos, err := store.Resolve(s.Settings)
	if err != nil {
		t.Fatal(err)
	}
	open := func(d store.DSN) *sql.DB {
		if err := store.Wait(t.Context(), d, store.WaitOptions{Create: true, Log: slog.New(slog.DiscardHandler)}); err != nil {
			t.Fatal(err)
		}
		db, err := store.Open(d, "")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		return db
	}
	return databases{open(hydra), open(kratos), hydra.Dialect()}
}

// made makes the databases and their tables.
func made(t *testing.T, s *doctor.Subject) databases {
	t.Helper()
	out := makeDatabases(t, s)
	for engine, db := range map[string]*sql.DB{"hydra": out.hydra, "kratos": out.kratos} {
		b, ok := baseline.For(engine, out.dialect)
		if !ok {
			t.Fatalf("no baseline of %s for %s", engine, out.dialect)
		}
		if _, err := b.Apply(t.Context(), db); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.MigrateOwnAs(t.Context(), out.kratos, out.dialect, "test"); err != nil {
		t.Fatal(err)
	}
	return out
}

func must(t *testing.T, db *sql.DB, statement string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// examine runs the check of a name, area/check, and returns its rows.
func examine(t *testing.T, s *doctor.Subject, name string, o doctor.Options) []doctor.Row {
	t.Helper()
	area, check, _ := strings.Cut(name, "/")
	for _, c := range doctor.All() {
		if c.Area == area && c.Name == check {
			return doctor.Examine(context.WithoutCancel(t.Context()), s, []doctor.Check{c}, o).Checks
		}
	}
	t.Fatalf("there is no check %s", name)
	return nil
}

// want asserts one finding: its level, and what its text and cure have in them.
func want(t *testing.T, rows []doctor.Row, level doctor.Level, text, cure string) {
	t.Helper()
	for _, r := range rows {
		if r.Level == level && strings.Contains(r.Text, text) && strings.Contains(r.Cure, cure) {
			return
		}
	}
	t.Errorf("got %+v\nwant %s: %s -> %s", rows, level, text, cure)
}

// fine asserts that nothing is wrong, and that it was looked at.
func fine(t *testing.T, rows []doctor.Row) {
	t.Helper()
	for _, r := range rows {
		if r.Level != doctor.OK {
			t.Errorf("got %+v, want ok", r)
		}
	}
}

// again is the same installation for another examination.
func again(s *doctor.Subject, change func(*doctor.Subject)) *doctor.Subject {
	next := about(s.Config)
	next.Settings, next.Engines, next.Host, next.Process, next.Problems = s.Settings, s.Engines, s.Host, s.Process, s.Problems
	if change != nil {
		change(next)
	}
	return next
}

// opened opens connections of somebody else, until the test ends.
func opened(t *testing.T, dsn string, n int) {
	t.Helper()
	db, err := sql.Open(sqlseam.PostgresDriver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	for range n {
		if _, err := db.Conn(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { db.Close() })
}
