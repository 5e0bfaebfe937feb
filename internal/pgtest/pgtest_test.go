package pgtest_test

import (
	"context"
	"errors"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"example.com/identityd/internal/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func query(t *testing.T, dsn, sql string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	return queryContext(ctx, dsn, sql)
}

func queryContext(ctx context.Context, dsn, sql string) (string, error) {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return "", err
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the answer is here already
	var got string
	err = conn.QueryRow(ctx, sql).Scan(&got)
	return got, err
}

func mustQuery(t *testing.T, dsn, sql string) string {
	t.Helper()
	got, err := query(t, dsn, sql)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestThePasswordIsChecked(t *testing.T) {
	s := pgtest.Start(t)
	u, err := url.Parse(s.DatabaseURL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(u.User.Username(), "wrong")
	_, err = query(t, u.String(), "SELECT 'in'")
	var refused *pgconn.PgError
	if !errors.As(err, &refused) || refused.Code != "28P01" {
		t.Errorf("a wrong password: got %v, want SQLSTATE 28P01", err)
	}
	if got, want := mustQuery(t, s.DatabaseURL("postgres"), "SELECT current_setting('is_superuser')"), "off"; got != want {
		t.Errorf("is_superuser: got %s, want %s", got, want)
	}
}

func TestDatabasesAreFreshAndDropped(t *testing.T) {
	s := pgtest.Shared(t)
	const list = "SELECT count(*)::text FROM pg_database WHERE datname = '"
	var hydra, kratos string
	t.Run("a test makes its databases", func(t *testing.T) {
		hydra, kratos = s.Databases(t)
		if hydra == kratos {
			t.Errorf("both databases are named %s", hydra)
		}
		conn, err := pgx.Connect(t.Context(), s.DatabaseURL("postgres"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(context.Background()) //nolint:errcheck // the test is over
		if _, err := conn.Exec(t.Context(), "CREATE DATABASE "+hydra); err != nil {
			t.Fatal(err)
		}
		if got := mustQuery(t, s.DatabaseURL(hydra), "SELECT current_database()"); got != hydra {
			t.Errorf("current_database: got %s, want %s", got, hydra)
		}
	})
	if got := mustQuery(t, s.DatabaseURL("postgres"), list+hydra+"'"); got != "0" {
		t.Errorf("database %s is still there", hydra)
	}
}

func TestRoleHasItsAttributes(t *testing.T) {
	s := pgtest.Start(t)
	u, err := url.Parse(s.Role(t, "NOCREATEDB"))
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/postgres"
	const sql = "SELECT rolcreatedb::text FROM pg_roles WHERE rolname = current_user"
	if got := mustQuery(t, u.String(), sql); got != "false" {
		t.Errorf("rolcreatedb: got %s, want false", got)
	}
	if got := mustQuery(t, s.DatabaseURL("postgres"), sql); got != "true" {
		t.Errorf("rolcreatedb of the user of URL: got %s, want true", got)
	}
}

func TestOutages(t *testing.T) {
	s := pgtest.Start(t)
	dsn := s.DatabaseURL("postgres")
	s.Admin(t, "CREATE TABLE kept (word text)", "INSERT INTO kept VALUES ('still here')",
		"GRANT SELECT ON kept TO PUBLIC")
	const read = "SELECT word FROM kept"
	for _, mode := range []pgtest.Mode{pgtest.Smart, pgtest.Fast, pgtest.Immediate} {
		t.Run("data and address survive a stop of mode "+string(mode), func(t *testing.T) {
			s.Stop(mode)
			if _, err := query(t, dsn, read); err == nil {
				t.Error("a stopped server answers")
			}
			s.Start()
			if got, want := mustQuery(t, dsn, read), "still here"; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
	t.Run("a frozen server says nothing until it is thawed", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		conn, err := pgx.Connect(ctx, dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(context.Background()) //nolint:errcheck // the test is over
		s.Freeze()
		short, stop := context.WithTimeout(ctx, 300*time.Millisecond)
		defer stop()
		if _, err := conn.Exec(short, read); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("an open connection: got %v, want deadline exceeded", err)
		}
		short, stop = context.WithTimeout(ctx, 300*time.Millisecond)
		defer stop()
		if _, err := queryContext(short, dsn, read); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a new connection: got %v, want deadline exceeded", err)
		}
		s.Thaw()
		if got, want := mustQuery(t, dsn, read), "still here"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
	t.Run("a test may end while the server is frozen", func(*testing.T) { s.Freeze() })
}
