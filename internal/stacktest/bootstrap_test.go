package stacktest

import (
	"database/sql"
	"errors"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/stack"
)

// TestBootstrap makes databases and users, migrates as those who may, and serves as those who may not.
func TestBootstrap(t *testing.T) {
	notOnStandIn(t, itsScheme)
	server := pgtest.Start(t) // users outlive databases
	// Nobody has to be a superuser for it.
	admin, data, secrets := server.Role(t, "CREATEDB CREATEROLE"), t.TempDir(), filepath.Join(t.TempDir(), "secrets")
	u, err := url.Parse(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	u.User = nil
	words := func(kind string) map[string]string {
		return map[string]string{
			"database.url": u.String(), "data_dir": data, "database.migrate": "wait",
			"database.hydra.user": "hydra_" + kind, "database.hydra.password_file": filepath.Join(secrets, "hydra_"+kind),
			"database.kratos.user": "kratos_" + kind, "database.kratos.password_file": filepath.Join(secrets, "kratos_"+kind),
		}
	}
	load := func(kind string, onlyDatabase bool) config.Config {
		t.Helper()
		cfg, err := config.Load(config.Options{Dir: t.TempDir(), Set: words(kind), OnlyDatabase: onlyDatabase})
		if err != nil {
			t.Fatal(err)
		}
		return cfg
	}
	report, err := stack.Bootstrap(t.Context(), load("user", true),
		stack.BootstrapOptions{AdminURL: admin, Passwords: stack.BootstrapKeep, Folder: secrets})
	if err != nil {
		t.Fatal(err)
	}
	if len(report.CreatedRoles) != 4 || len(report.CreatedDatabases) != 2 {
		t.Fatalf("got %v and %v, want four users and two databases", report.CreatedRoles, report.CreatedDatabases)
	}
	for _, name := range report.CreatedRoles {
		info, err := os.Stat(filepath.Join(secrets, name))
		if err != nil || info.Mode().Perm() != 0o600 || report.Accounts[name].Password != "" {
			t.Errorf("the password of %s: got %v, %v, want it in a file of mode 0600 and nowhere else", name, info, err)
		}
	}
	log := slog.New(slog.DiscardHandler)
	if err := stack.Migrate(t.Context(), load("migrator", false), stack.Options{Log: log, Version: "test"}); err != nil {
		t.Fatalf("migrating: %v", err)
	}
	var opts []Option
	for key, value := range words("user") {
		opts = append(opts, Set(key, value))
	}
	s := Start(t, opts...)
	s.Journey(t, client, 1)

	for _, engine := range []string{"hydra", "kratos"} {
		password, err := os.ReadFile(filepath.Join(secrets, engine+"_user"))
		if err != nil {
			t.Fatal(err)
		}
		as := *u
		as.User, as.Path = url.UserPassword(engine+"_user", string(password[:len(password)-1])), "/"+engine
		db, err := sql.Open("pgx", as.String())
		if err != nil {
			t.Fatal(err)
		}
		_, err = db.ExecContext(t.Context(), "CREATE TABLE mine (id int)")
		db.Close()
		var refused *pgconn.PgError
		if !errors.As(err, &refused) || refused.Code != "42501" {
			t.Errorf("%s: a table was made by the user that serves: got %v, want 42501", engine, err)
		}
	}
}
