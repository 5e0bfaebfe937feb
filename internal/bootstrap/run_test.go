package bootstrap

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"

	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/sqlseam"
	"example.com/identityd/internal/store"
)

func TestMain(m *testing.M) {
	sqlseam.Register()
	os.Exit(pgtest.Main(m))
}

// hostile is a password that breaks whatever is put together without quoting.
const hostile = `it's $1 "a" \ ?#/@%25 'x`

func TestRun(t *testing.T) {
	for name, attributes := range map[string]string{
		"a superuser": "SUPERUSER", "who may make databases and users": "CREATEDB CREATEROLE",
	} {
		t.Run("as "+name, func(t *testing.T) { testRun(t, attributes) })
	}
}

func testRun(t *testing.T, attributes string) {
	server := pgtest.Start(t) // users outlive databases
	admin := server.Role(t, attributes)
	p := Plan{Dialect: store.Postgres, Databases: []Database{
		{Name: "hydra", Serving: "hydra_user", Migrating: "hydra_migrator"},
		{Name: "kratos", Serving: "kratos_user", Migrating: "kratos_migrator"},
	}}
	passwords := func(role string, exists bool) (string, bool, error) { return hostile + role, !exists, nil }
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()

	// An installation that had one user: its tables have to go to the migrating user.
	super := server.Role(t, "SUPERUSER")
	execute := func(as, database, statement string) error {
		db := connect(t, as, database)
		defer db.Close()
		_, err := db.ExecContext(ctx, statement)
		return err
	}
	must := func(as, database, statement string) {
		t.Helper()
		if err := execute(as, database, statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	result, err := Run(ctx, p, opener(t, admin), passwords)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"hydra", "kratos"}, result.CreatedDatabases); diff != "" {
		t.Errorf("databases (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(p.Roles(), result.CreatedRoles); diff != "" {
		t.Errorf("users (-want +got)\n%s", diff)
	}
	serving, migrating := as(t, server.URL(), "hydra_user"), as(t, server.URL(), "hydra_migrator")
	other := as(t, server.URL(), "kratos_user")

	must(migrating, "hydra", "CREATE TABLE things (id serial PRIMARY KEY, name text)")
	must(migrating, "hydra", "CREATE EXTENSION pg_trgm") // as Kratos' migrations do
	must(serving, "hydra", "INSERT INTO things (name) VALUES ('a')")
	must(serving, "hydra", "UPDATE things SET name = 'b'")
	must(serving, "hydra", "SELECT * FROM things FOR UPDATE")
	must(serving, "hydra", "DELETE FROM things")
	for _, statement := range []string{
		"CREATE TABLE mine (id int)", "CREATE TEMPORARY TABLE mine (id int)", "CREATE SCHEMA mine", "ALTER TABLE things ADD more int",
		"DROP TABLE things", "TRUNCATE things", "CREATE INDEX ON things (name)", "CREATE EXTENSION btree_gin", "CREATE DATABASE mine", "CREATE ROLE mine",
	} {
		if state := stateOf(execute(serving, "hydra", statement)); state != "42501" {
			t.Errorf("the serving user: %s: got SQLSTATE %q, want it refused (42501)", statement, state)
		}
	}
	for who, url := range map[string]string{"the other serving user": other, "the other migrating user": as(t, server.URL(), "kratos_migrator")} {
		if state := stateOf(execute(url, "hydra", "SELECT 1")); state != "42501" {
			t.Errorf("%s in hydra: got SQLSTATE %q, want it kept out (42501)", who, state)
		}
	}

	t.Run("again it changes nothing", func(t *testing.T) {
		again, err := Run(ctx, p, opener(t, admin), passwords)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(Result{Server: result.Server, Moved: map[string]int{}}, again); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		must(serving, "hydra", "INSERT INTO things (name) VALUES ('c')")
	})
	t.Run("the administrator is no member of what it made", func(t *testing.T) {
		var member bool
		db := connect(t, super, "postgres")
		defer db.Close()
		u, err := url.Parse(admin)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member
			WHERE r.rolname = $1)`, u.User.Username()).Scan(&member); err != nil || member {
			t.Errorf("got %v, %v", member, err)
		}
	})
	t.Run("a password is set when asked", func(t *testing.T) {
		again, err := Run(ctx, p, opener(t, admin), func(role string, _ bool) (string, bool, error) {
			return "new", role == "hydra_user", nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"hydra_user"}, again.SetPasswords); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		if state := stateOf(execute(serving, "hydra", "SELECT 1")); state != "28P01" {
			t.Errorf("the old password: got SQLSTATE %q, want 28P01", state)
		}
		u, err := url.Parse(serving)
		if err != nil {
			t.Fatal(err)
		}
		u.User = url.UserPassword("hydra_user", "new")
		serving = u.String()
		must(serving, "hydra", "SELECT 1")
	})
	if attributes == "SUPERUSER" {
		t.Run("tables of an earlier user are given to the migrating one", func(t *testing.T) {
			must(super, "hydra", "CREATE TABLE earlier (id int)")
			again, err := Run(ctx, p, opener(t, admin), passwords)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(map[string]int{"hydra": 1}, again.Moved); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			must(migrating, "hydra", "ALTER TABLE earlier ADD more int")
			must(serving, "hydra", "INSERT INTO earlier VALUES (1, 2)")
		})
		t.Run("a user that may do too much is told of", func(t *testing.T) {
			must(super, "postgres", "ALTER ROLE kratos_user CREATEDB")
			again, err := Run(ctx, p, opener(t, admin), passwords)
			if err != nil || len(again.Warnings) != 1 || !strings.Contains(again.Warnings[0], "kratos_user") {
				t.Errorf("got %v, %v", again.Warnings, err)
			}
		})
	}
}

func TestRunRefuses(t *testing.T) {
	server := pgtest.Shared(t)
	never := func(string, bool) (string, bool, error) { return "", false, errors.New("asked for a password") }
	for name, tt := range map[string]struct {
		plan Plan
		want string
	}{
		"another kind of server": {plan(store.Cockroach), "and the URL is for cockroach; write the other scheme"},
		"the administrator as a serving user": {
			Plan{Dialect: store.Postgres, Databases: []Database{{Name: "x", Serving: "identityd", Migrating: "m"}}},
			"the administrator identityd cannot be one of the users that are made",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Run(t.Context(), tt.plan, opener(t, server.URL()), never)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func stateOf(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code
	}
	return fmt.Sprint(err)
}

// as returns the URL of a user that testRun made.
func as(t *testing.T, address, user string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(user, hostile+user)
	return u.String()
}

func connect(t *testing.T, address, database string) *sql.DB {
	t.Helper()
	db, err := opener(t, address)(database)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func opener(t *testing.T, address string) func(string) (*sql.DB, error) {
	t.Helper()
	d, _, err := store.Resolve(store.Settings{URL: address, Pool: store.Pool{MaxOpen: 4, MaxIdle: 1}})
	if err != nil {
		t.Fatal(err)
	}
	return func(name string) (*sql.DB, error) { return store.Open(d, name) }
}
