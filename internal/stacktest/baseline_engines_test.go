package stacktest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/identityd/configs"
	"example.com/identityd/internal/hydra"
	"example.com/identityd/internal/kratos"
	"example.com/identityd/internal/ory"
	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/sqlseam"
	"example.com/identityd/internal/store"
)

// schemaOwner is an engine as far as its schema goes.
type schemaOwner interface {
	Migrations() *ory.Migrations
	Close() error
}

// database is an empty database for one engine.
type database struct {
	engine string
	dsn    store.DSN
	db     *sql.DB
	schema string
}

// emptyDatabases makes a pair of databases that exist and hold nothing. On PostgreSQL the search_path
// of whoever connects leads to the schema named, which is made as well.
func emptyDatabases(t testing.TB, d store.Dialect, schema string) map[string]database {
	t.Helper()
	settings := store.Settings{Pool: store.Pool{MaxOpen: 4, MaxIdle: 2}}
	switch d {
	case store.Cockroach:
		settings.URL = withParameter(t, cluster(t), "search_path", schema)
		suffix := strings.ToLower(rand.Text())[:12]
		settings.Hydra.Name, settings.Kratos.Name = "hydra_"+suffix, "kratos_"+suffix
	case store.Postgres:
		server := pgtest.Shared(t)
		settings.Hydra.Name, settings.Kratos.Name = server.Databases(t)
		settings.URL = withParameter(t, server.URL(), "search_path", schema)
	default:
		settings.URL = "sqlite://" + filepath.Join(t.TempDir(), "data")
	}
	return prepare(t, settings, schema)
}

// cluster returns the URL of a CockroachDB cluster whose user may create databases, or skips.
func cluster(t testing.TB) string {
	t.Helper()
	const variable = "IDENTITYD_TEST_CRDB_DSN"
	dsn := os.Getenv(variable)
	if dsn == "" {
		t.Skip("SKIP: " + variable + " names no CockroachDB cluster")
	}
	return dsn
}

func dropFromCluster(t testing.TB, dsn store.DSN, name string) {
	db, err := store.Open(dsn, "defaultdb")
	if err != nil {
		t.Error(err)
		return
	}
	defer db.Close()
	if _, err := db.ExecContext(context.Background(), "DROP DATABASE IF EXISTS "+quoted(name)+" CASCADE"); err != nil {
		t.Error(err)
	}
}

func withParameter(t testing.TB, raw, key, value string) string {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set(key, value)
	u.RawQuery = q.Encode()
	return u.String()
}

func prepare(t testing.TB, settings store.Settings, schema string) map[string]database {
	t.Helper()
	sqlseam.Register()
	h, k, err := store.Resolve(settings)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]database{}
	for engine, dsn := range map[string]store.DSN{"hydra": h, "kratos": k} {
		if err := store.Wait(t.Context(), dsn, store.WaitOptions{Create: true, Log: slog.New(slog.DiscardHandler)}); err != nil {
			t.Fatal(err)
		}
		if dsn, err = store.MigratingDSN(t.Context(), dsn, slog.New(slog.DiscardHandler)); err != nil {
			t.Fatal(err)
		}
		db, err := store.Open(dsn, "")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			db.Close()
			if dsn.Dialect() == store.Cockroach {
				dropFromCluster(t, dsn, map[string]string{"hydra": settings.Hydra.Name, "kratos": settings.Kratos.Name}[engine])
			}
		})
		if dsn.Dialect() != store.SQLite && schema != "public" {
			if _, err := db.ExecContext(t.Context(), "CREATE SCHEMA "+schema); err != nil {
				t.Fatal(err)
			}
		}
		out[engine] = database{engine: engine, dsn: dsn, db: db, schema: schema}
	}
	return out
}

// open opens the engine on the database, without a stack around it.
func (d database) open(t testing.TB) schemaOwner {
	t.Helper()
	const page = "http://localhost/"
	log, secret := slog.New(slog.DiscardHandler), []string{strings.Repeat("0", 32)}
	// The engines keep goroutines until this ends, which is before the test's own cleanups.
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	t.Cleanup(cancel)
	var (
		e   schemaOwner
		err error
	)
	if d.engine == "hydra" {
		e, err = hydra.Open(ctx, hydra.Config{
			Issuer: page, AdminURL: hydra.InProcessAdmin, DSN: d.dsn.Reveal(), Dev: true,
			Pages:         hydra.Pages{Login: page, Registration: page, Consent: page, Logout: page, Error: page, PostLogout: page},
			SystemSecrets: secret, CookieSecrets: secret, Log: log, Tracing: ory.NewTracing(ory.Watch{}),
		})
	} else {
		var schema []byte
		if schema, err = fs.ReadFile(configs.FS(), "identity.email-v1.schema.json"); err != nil {
			t.Fatal(err)
		}
		e, err = kratos.Open(ctx, kratos.Config{
			PublicURL: page, AdminURL: page, DSN: d.dsn.Reveal(), Dev: true,
			Pages: kratos.Pages{
				Home: page, Login: page, Registration: page, Settings: page,
				Recovery: page, Verification: page, Error: page, SignedOut: page,
			},
			CookieSecrets: secret, CipherSecrets: secret,
			Password: kratos.Password{MinLength: 8}, Session: kratos.Session{Lifespan: time.Hour, Privileged: time.Hour},
			Schemas: []kratos.Schema{{ID: "default", Raw: schema}}, DefaultSchema: "default",
			Log: log, Tracing: ory.NewTracing(ory.Watch{}),
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// migrated opens the engine and runs all its migrations.
func (d database) migrated(t testing.TB) {
	t.Helper()
	if err := d.open(t).Migrations().Up(t.Context(), d.dsn.Reveal(), nil); err != nil {
		t.Fatal(err)
	}
}
