package pgtest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Mode is a way to shut PostgreSQL down.
type Mode string

// The modes of pg_ctl, and one more. Fast ends the sessions of clients, Immediate is a crash that says
// so, Kill is one that does not (SIGKILL to every process), and Smart waits until the last client is gone.
const (
	Smart     Mode = "smart"
	Fast      Mode = "fast"
	Immediate Mode = "immediate"
	Kill      Mode = "kill"
)

// The variables that a developer or a CI job sets.
const (
	requireVariable = "IDENTITYD_TEST_REQUIRE"
	urlVariable     = "IDENTITYD_TEST_POSTGRES_URL"
)

// Server is a PostgreSQL as one test sees it.
type Server struct {
	t      testing.TB
	url    *url.URL // of the user identityd, without a database
	own    *cluster // nil when it is somebody else's server
	shared bool
}

// Start starts a server for this test alone and removes it when the test ends. It does so beside a
// server of IDENTITYD_TEST_POSTGRES_URL too, whose outages cannot be arranged.
func Start(t testing.TB) *Server {
	t.Helper()
	c, err := newCluster()
	if err != nil {
		missing(t, err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("log of PostgreSQL:\n%s", c.log())
		}
		if err := c.close(); err != nil {
			t.Errorf("removing PostgreSQL: %v", err)
		}
	})
	return &Server{t: t, url: c.url(roleName, rolePassword), own: c}
}

// URL returns postgres://identityd:<password>@127.0.0.1:<port>/?sslmode=disable. The password holds
// every character that needs percent-encoding. The user may create databases and is no superuser.
func (s *Server) URL() string { return s.url.String() }

// DatabaseURL returns the URL with the name of a database.
func (s *Server) DatabaseURL(name string) string {
	u := *s.url
	u.Path = "/" + name
	return u.String()
}

// Databases returns two fresh names. Nothing of these names exists yet; what the test makes of them
// is dropped when it ends.
func (s *Server) Databases(t testing.TB) (hydra, kratos string) {
	t.Helper()
	id := token()
	hydra, kratos = "hydra_"+id, "kratos_"+id
	t.Cleanup(func() {
		if s.own != nil && !s.shared {
			return // the whole server goes, and may be stopped by now
		}
		for _, name := range []string{hydra, kratos} {
			// FORCE: a test that failed may have left its connections open.
			drop := "DROP DATABASE IF EXISTS " + pgx.Identifier{name}.Sanitize() + " WITH (FORCE)"
			if err := s.admin(drop); err != nil {
				t.Errorf("dropping database %s: %v", name, err)
			}
		}
	})
	return hydra, kratos
}

// Admin runs statements as the superuser in the database postgres. On somebody else's server it
// runs them as the user of the URL.
func (s *Server) Admin(t testing.TB, statements ...string) {
	t.Helper()
	if err := s.admin(statements...); err != nil {
		t.Fatal(err)
	}
}

// Role makes a user with the attributes of CREATE ROLE (NOCREATEDB, CONNECTION LIMIT 1 ...) and
// returns the server's URL with its name and password.
func (s *Server) Role(t testing.TB, attributes string) string {
	t.Helper()
	if s.own == nil {
		t.Skip("SKIP: making users needs a server of the test's own; unset " + urlVariable)
	}
	name, password := "role_"+token(), token()
	s.Admin(t, fmt.Sprintf("CREATE ROLE %s LOGIN PASSWORD '%s' %s", name, password, attributes))
	u := *s.url
	u.User = url.UserPassword(name, password)
	return u.String()
}

// Stop shuts the server down and returns when it is gone.
func (s *Server) Stop(mode Mode) {
	s.t.Helper()
	s.outage("stop", func(c *cluster) error { return c.stop(mode) })
}

// Start starts a stopped server on the same port with the same data.
func (s *Server) Start() {
	s.t.Helper()
	s.outage("start", func(c *cluster) error { return c.start() })
}

// Freeze stops every process of the server in its tracks: connections are accepted by the kernel and
// stay open, and nothing answers. A machine that swaps and a lost network look like this.
func (s *Server) Freeze() {
	s.t.Helper()
	s.outage("freeze", (*cluster).freeze)
}

// Thaw ends Freeze.
func (s *Server) Thaw() {
	s.t.Helper()
	s.outage("thaw", (*cluster).thaw)
}

func (s *Server) outage(verb string, do func(*cluster) error) {
	s.t.Helper()
	if s.own == nil || s.shared {
		s.t.Fatalf("cannot %s the shared server: other tests use it; take one from pgtest.Start", verb)
	}
	if err := do(s.own); err != nil {
		s.t.Fatalf("cannot %s PostgreSQL: %v\nlog of PostgreSQL:\n%s", verb, err, s.own.log())
	}
}

func (s *Server) admin(statements ...string) error {
	u := *s.url
	if s.own != nil {
		u = *s.own.url(superName, s.own.superPassword)
	}
	u.Path = cmp.Or(strings.Trim(u.Path, "/"), "postgres")
	return run(context.Background(), u.String(), statements...)
}

func external(t testing.TB) *Server {
	t.Helper()
	value := os.Getenv(urlVariable)
	if value == "" {
		return nil
	}
	u, err := url.Parse(value)
	if err != nil || u.Host == "" {
		t.Fatalf("%s is not a URL of the form postgres://user:password@host:port/", urlVariable)
	}
	return &Server{t: t, url: u}
}

// missing skips when there is no PostgreSQL to start, and fails when there is one that will not.
func missing(t testing.TB, err error) {
	t.Helper()
	var none *missingError
	if !errors.As(err, &none) {
		t.Fatal(err)
	}
	if slices.Contains(strings.Split(os.Getenv(requireVariable), ","), "postgres") {
		t.Fatalf("%v (%s asks for it)", err, requireVariable)
	}
	t.Skipf("SKIP: %v", err)
}
