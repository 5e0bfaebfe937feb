package doctor_test

import (
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/doctor"
	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/store"
)

func TestDatabaseAnswers(t *testing.T) {
	const check = "database/answers"
	t.Run("a wrong password is a fault", func(t *testing.T) {
		s := onPostgres(t, func(u *url.URL) { u.User = url.UserPassword(u.User.Username(), "not it") })
		want(t, examine(t, s, check, doctor.Options{}), doctor.Fault, `database.hydra.user: the server refuses the user "identityd" or its password`, "database.hydra.password_file")
	})
	t.Run("a database that is missing is a fault", func(t *testing.T) {
		s := onPostgres(t, nil)
		want(t, examine(t, s, check, doctor.Options{}), doctor.Fault, "database.url: the database "+s.Config.Database.Hydra.Name, "identityd bootstrap")
	})
	t.Run("cockroach:// on PostgreSQL is a fault, whether the database is there or not", func(t *testing.T) {
		s := onPostgres(t, nil)
		wrong := again(s, func(s *doctor.Subject) {
			u := s.Config.Database.URL.Reveal()
			s.Config.Database.URL = config.NewDSN("cockroach" + u[len("postgres"):])
			s.Settings.URL = s.Config.Database.URL.Reveal()
		})
		want(t, examine(t, wrong, check, doctor.Options{}), doctor.Fault, "database.url: cockroach:// does not fit", "begin database.url with postgres://")
		makeDatabases(t, s)
		want(t, examine(t, again(wrong, nil), "database/server", doctor.Options{}), doctor.Fault, "database.url: cockroach:// does not fit", "begin database.url with postgres://")
	})
	t.Run("a server that is not there is a fault that names where", func(t *testing.T) {
		const at = "127.0.0.1:1" // a port that was free a moment ago may be somebody else's
		s := onPostgres(t, func(u *url.URL) { u.Host = at })
		want(t, examine(t, s, check, doctor.Options{}), doctor.Fault, at, "correct host and port in database.url")
		want(t, examine(t, again(s, nil), "database/server", doctor.Options{}), doctor.Skipped, "the database does not answer", "")
	})
	t.Run("a server that hangs is a fault, and hangs nobody", func(t *testing.T) {
		server := pgtest.Start(t)
		server.Freeze()
		t.Cleanup(server.Thaw)
		s := subject(t, func(c *config.Config) { c.Database.URL = config.NewDSN(server.URL()) })
		const short = 200 * time.Millisecond
		want(t, examine(t, s, check, doctor.Options{Deadline: short}), doctor.Fault, "does not answer in time", "start the server")
	})
	t.Run("SQLite that was never made is no fault, and one that is gone is", func(t *testing.T) {
		s := subject(t, nil)
		want(t, examine(t, s, check, doctor.Options{}), doctor.Warning, "there are no databases in "+s.Config.DataDir+" yet", "identityd serve")
		running := again(s, func(s *doctor.Subject) { s.Process = &doctor.Process{PID: 7} })
		want(t, examine(t, running, check, doctor.Options{}), doctor.Fault, "process 7 serves from it", "identityd restore")
	})
	t.Run("a file that is no database is a fault", func(t *testing.T) {
		s := subject(t, nil)
		for _, name := range []string{"hydra.sqlite", "kratos.sqlite"} {
			if err := os.WriteFile(filepath.Join(s.Config.DataDir, name), []byte("not a database, and longer than the header of one is: a hundred bytes and more of plain text"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want(t, examine(t, s, check, doctor.Options{}), doctor.Fault, "hydra.sqlite cannot be read", "identityd restore")
	})
}

func TestIsolation(t *testing.T) {
	s := onPostgres(t, func(u *url.URL) {
		q := u.Query()
		q.Set("options", "-c default_transaction_isolation=serializable")
		u.RawQuery = q.Encode()
	})
	makeDatabases(t, s)
	want(t, examine(t, s, "database/server", doctor.Options{}), doctor.OK, "transactions run at serializable", "none needed")
}

func TestDatabaseTLS(t *testing.T) {
	for name, tt := range map[string]struct {
		url   string
		level doctor.Level
		text  string
	}{
		"loopback needs none":                 {"postgres://u@127.0.0.1:1/?sslmode=disable", doctor.OK, ""},
		"a socket needs none":                 {"postgres://u@/?host=/var/run/postgresql&sslmode=disable", doctor.OK, ""},
		"elsewhere it must not be off":        {"postgres://u@192.0.2.1:1/?sslmode=disable", doctor.Warning, "sslmode=disable"},
		"nothing said is as good as off":      {"postgres://u@192.0.2.1:1/", doctor.Warning, "sslmode=prefer"},
		"any certificate is not good enough":  {"postgres://u@192.0.2.1:1/?sslmode=require", doctor.Warning, "takes any certificate"},
		"a server that proves itself is fine": {"postgres://u@192.0.2.1:1/?sslmode=verify-full", doctor.OK, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := subject(t, func(c *config.Config) { c.Database.URL = config.NewDSN(tt.url) })
			want(t, examine(t, s, "database/tls", doctor.Options{}), tt.level, tt.text, "")
		})
	}
}

// poolChecks needs a server.
func poolChecks(t *testing.T, s *doctor.Subject, db databases) {
	const check = "database/pool"
	report, err := store.Inspect(t.Context(), s.Kratos(t.Context()).DSN)
	if err != nil {
		t.Fatal(err)
	}
	with := func(open int) *doctor.Subject {
		return again(s, func(s *doctor.Subject) { s.Config.Database.Pool.MaxOpen, s.Engines.Connections = open, 9 })
	}
	t.Run("a small pool is fine", func(t *testing.T) { fine(t, examine(t, with(2), check, doctor.Options{})) })
	t.Run("one process above the server's limit is a fault", func(t *testing.T) {
		want(t, examine(t, with(5000), check, doctor.Options{}), doctor.Fault,
			"database.pool.max_open is 5000: 1 process may open 10009 connections", "lower database.pool.max_open")
	})
	t.Run("what others use is a warning", func(t *testing.T) {
		opened(t, pgtest.Shared(t).DatabaseURL(s.Config.Database.Hydra.Name), 4)
		want(t, examine(t, with((report.Connections-9)/2-1), check, doctor.Options{}), doctor.Warning, "of which others use", "max_connections")
	})
	t.Run("every process that serves counts", func(t *testing.T) {
		for _, holder := range []string{"a", "b", "c"} {
			must(t, db.kratos, "INSERT INTO identityd_secret_reader (holder, knows, seen_ms) VALUES ($1, '', CAST(extract(epoch FROM now()) * 1000 AS BIGINT))", holder)
		}
		want(t, examine(t, with(report.Connections/4), check, doctor.Options{}), doctor.Fault, "3 processes may open", "max_connections")
		must(t, db.kratos, "DELETE FROM identityd_secret_reader")
	})
}
