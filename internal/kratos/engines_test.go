package kratos

import (
	"io/fs"
	"log/slog"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"example.com/identityd/configs"
	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/ory"
	"example.com/identityd/internal/pgtest"
)

// engineOn opens an engine on a database, whose tables it makes where migrate says so.
func engineOn(t *testing.T, dsn string, migrate bool, change func(*Config)) *Engine {
	t.Helper()
	c := sample()
	c.Schemas = nil
	for _, id := range []string{"email", "username"} {
		raw, err := fs.ReadFile(configs.FS(), "identity."+id+"-v1.schema.json")
		if err != nil {
			t.Fatal(err)
		}
		c.Schemas = append(c.Schemas, Schema{ID: id + "@1", Raw: raw})
	}
	c.DSN = dsn
	c.Session.Remember = identity.RememberAlways
	c.SerializeWrites = strings.HasPrefix(dsn, "sqlite")
	c.Log, c.Tracing = slog.New(slog.DiscardHandler), ory.NewTracing(ory.Watch{})
	if change != nil {
		change(&c)
	}
	e, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	if migrate {
		if err := e.Migrations().Up(t.Context(), dsn, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Found(t.Context()); err != nil {
		t.Fatal(err)
	}
	return e
}

// onDatabases runs a test on every kind of database. open opens one more engine on the same.
func onDatabases(t *testing.T, test func(t *testing.T, open func(change func(*Config)) *Engine)) {
	t.Run("on SQLite", func(t *testing.T) {
		dsn := "sqlite://file:" + filepath.Join(t.TempDir(), "kratos.db") + "?_fk=true&_journal_mode=WAL&_busy_timeout=10000"
		migrate := true
		test(t, func(change func(*Config)) *Engine {
			defer func() { migrate = false }()
			return engineOn(t, dsn, migrate, change)
		})
	})
	// CockroachDB's own migrations are none for PostgreSQL, and one run of PostgreSQL's does for both.
	var template string
	for _, scheme := range []string{"postgres", "cockroach"} {
		name := "on PostgreSQL"
		if scheme == "cockroach" {
			name += " in CockroachDB's dialect"
		}
		t.Run(name, func(t *testing.T) {
			s := pgtest.Shared(t)
			if template == "" {
				template = makeTemplate(t, s)
			}
			_, db := s.Databases(t)
			s.Admin(t, "CREATE DATABASE "+db+" TEMPLATE "+template+" OWNER identityd")
			dsn := strings.Replace(withPool(t, s, db), "postgres://", scheme+"://", 1)
			test(t, func(change func(*Config)) *Engine { return engineOn(t, dsn, false, change) })
		})
	}
	if template != "" {
		pgtest.Shared(t).Admin(t, "DROP DATABASE "+template)
	}
}

func withPool(t *testing.T, s *pgtest.Server, db string) string {
	t.Helper()
	u, err := url.Parse(s.DatabaseURL(db))
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	query.Set("max_conns", "12")
	u.RawQuery = query.Encode()
	return u.String()
}

// makeTemplate makes a database with Kratos' tables that nobody is connected to.
func makeTemplate(t *testing.T, s *pgtest.Server) string {
	t.Helper()
	_, db := s.Databases(t)
	db = "template_" + db
	s.Admin(t, "CREATE DATABASE "+db+" OWNER identityd")
	t.Run("its tables", func(t *testing.T) { engineOn(t, withPool(t, s, db), true, nil) })
	return db
}
