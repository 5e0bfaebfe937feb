package kratos

import (
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
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
		path := filepath.Join(t.TempDir(), "kratos.db")
		if err := os.WriteFile(path, tables.file(t), 0o600); err != nil {
			t.Fatal(err)
		}
		test(t, func(change func(*Config)) *Engine { return engineOn(t, onFile(path), false, change) })
	})
	// CockroachDB's own migrations are none for PostgreSQL, and one run of PostgreSQL's does for both.
	for _, scheme := range []string{"postgres", "cockroach"} {
		name := "on PostgreSQL"
		if scheme == "cockroach" {
			name += " in CockroachDB's dialect"
		}
		t.Run(name, func(t *testing.T) {
			s := pgtest.Shared(t)
			_, db := s.Databases(t)
			s.Admin(t, "CREATE DATABASE "+db+" TEMPLATE "+tables.database(t, s)+" OWNER identityd")
			dsn := strings.Replace(withPool(t, s, db), "postgres://", scheme+"://", 1)
			test(t, func(change func(*Config)) *Engine { return engineOn(t, dsn, false, change) })
		})
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

// tables are Kratos' own, made once for all tests: its migrations take longer than most of these.
var tables emptyOnes

// emptyOnes are databases without rows that nobody is connected to.
type emptyOnes struct {
	mu     sync.Mutex
	sqlite []byte
	name   string
}

// file is one of SQLite.
func (m *emptyOnes) file(t *testing.T) []byte {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.sqlite == nil {
		path := filepath.Join(t.TempDir(), "template.db")
		t.Run("its tables", func(t *testing.T) { engineOn(t, onFile(path), true, nil) })
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		m.sqlite = raw
	}
	return m.sqlite
}

// database is the name of one of PostgreSQL, which ends with its server.
func (m *emptyOnes) database(t *testing.T, s *pgtest.Server) string {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.name == "" {
		_, db := s.Databases(t)
		name := "template_" + db
		s.Admin(t, "CREATE DATABASE "+name+" OWNER identityd")
		t.Run("its tables", func(t *testing.T) { engineOn(t, withPool(t, s, name), true, nil) })
		m.name = name
	}
	return m.name
}

func onFile(path string) string {
	return "sqlite://file:" + path + "?_fk=true&_journal_mode=WAL&_busy_timeout=10000"
}
