package crdbtest_test

import (
	"database/sql"
	"errors"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/crdbtest"
	"example.com/identityd/internal/stack"
	"example.com/identityd/internal/stacktest"
)

// TestBootstrap makes databases and users, twice, migrates as those who may, and serves as those who may not.
func TestBootstrap(t *testing.T) {
	s := crdbtest.Shared(t)
	h, k := s.Names(t)
	admin, err := url.Parse(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	bare := *admin
	bare.User = nil
	data, secrets := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "secrets")
	as := func(kind string) place {
		return at(bare.String(), h, k, data).with(place{
			"database.migrate":    "wait",
			"database.hydra.user": h + "_" + kind, "database.hydra.password_file": filepath.Join(secrets, h+"_"+kind),
			"database.kratos.user": k + "_" + kind, "database.kratos.password_file": filepath.Join(secrets, k+"_"+kind),
		})
	}
	cfg, err := config.Load(config.Options{Dir: t.TempDir(), Set: as("user"), OnlyDatabase: true})
	if err != nil {
		t.Fatal(err)
	}
	options := stack.BootstrapOptions{AdminURL: s.URL(), Passwords: stack.BootstrapKeep, Folder: secrets}
	report, err := stack.Bootstrap(t.Context(), cfg, options)
	if err != nil {
		t.Fatal(err)
	}
	dropRoles(t, s, report.CreatedRoles)
	if len(report.CreatedRoles) != 4 || len(report.CreatedDatabases) != 2 {
		t.Fatalf("got %v and %v, want four users and two databases", report.CreatedRoles, report.CreatedDatabases)
	}
	migrator := map[string]string{}
	for _, db := range report.Plan.Databases {
		migrator[db.Name] = db.Migrating
	}
	migrating := as("user").with(place{
		"database.hydra.user": migrator[h], "database.hydra.password_file": report.Accounts[migrator[h]].File,
		"database.kratos.user": migrator[k], "database.kratos.password_file": report.Accounts[migrator[k]].File,
	})
	if err := migrating.migrate(t); err != nil {
		t.Fatalf("migrating as %v: %v", migrator, err)
	}
	again, err := stack.Bootstrap(t.Context(), cfg, options)
	if err != nil || len(again.CreatedRoles)+len(again.CreatedDatabases)+len(again.Moved) != 0 {
		t.Errorf("a second time: got %+v, %v, want nothing to do", again.Result, err)
	}
	stacktest.Start(t, as("user").options()...).Journey(t, client, 1)
	refusesTables(t, bare, h, h+"_user", filepath.Join(secrets, h+"_user"))
}

// refusesTables checks that the serving user cannot make a table.
func refusesTables(t *testing.T, u url.URL, database, user, passwordFile string) {
	t.Helper()
	password, err := os.ReadFile(passwordFile)
	if err != nil {
		t.Fatal(err)
	}
	u.Scheme, u.Path, u.User = "postgres", "/"+database, url.UserPassword(user, strings.TrimSpace(string(password)))
	db, err := sql.Open("pgx", u.String())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	_, err = db.ExecContext(t.Context(), "CREATE TABLE mine (id INT PRIMARY KEY)")
	var refused *pgconn.PgError
	if !errors.As(err, &refused) || refused.Code != "42501" {
		t.Errorf("a table made by %s: got %v, want 42501", user, err)
	}
}

// dropRoles removes the users after the databases: a user that owns something stays.
func dropRoles(t *testing.T, s *crdbtest.Server, roles []string) {
	t.Helper()
	hydra, kratos := "", ""
	for _, role := range roles {
		if name, ok := strings.CutSuffix(role, "_user"); ok && strings.HasPrefix(role, "hydra_") {
			hydra = name
		} else if ok {
			kratos = name
		}
	}
	admin := s.DB(t, "defaultdb")
	t.Cleanup(func() {
		for _, statement := range []string{
			"DROP DATABASE IF EXISTS " + hydra + " CASCADE", "DROP DATABASE IF EXISTS " + kratos + " CASCADE",
			"DROP USER IF EXISTS " + strings.Join(roles, ", "),
		} {
			if _, err := admin.Exec(statement); err != nil {
				t.Errorf("cleaning up: %v", err)
			}
		}
	})
}

// TestMovingIn copies an installation on SQLite to CockroachDB and goes on there.
func TestMovingIn(t *testing.T) {
	s := crdbtest.Shared(t)
	h, k := s.Names(t)
	data := filepath.Join(t.TempDir(), "data")
	from := place{"data_dir": data}
	to := at(s.URL(), h, k, data)
	first := stacktest.Start(t, from.options()...)
	first.Journey(t, client, 2)
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	opts := stack.CopyOptions{Options: stack.Options{Log: slog.New(slog.DiscardHandler), Version: "test"}}
	sum, err := stack.Copy(t.Context(), from.config(t), to.config(t), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("copied: %+v", sum)
	if n := count(t, s.DB(t, k), "SELECT count(*) FROM identities"); n == 0 {
		t.Error("nobody has moved")
	}
	stacktest.Start(t, to.options()...).Journey(t, client, 2)
}
