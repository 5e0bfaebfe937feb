package crdbtest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/cockroach-go/v2/testserver"
	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx, below the seam
)

// password of root on a node of our own, with what needs percent-encoding.
const password = "p@ss w?rd/#%"

// Server is a CockroachDB as the tests of one binary see it.
type Server struct {
	url *url.URL // of a user who may create databases, without a database
	own testserver.TestServer
}

// holder keeps the one server of a test binary.
type holder struct {
	mu     sync.Mutex
	tried  bool
	server *Server
	err    error
}

//nolint:gochecknoglobals // a test binary has no other place that outlives its tests
var binary = &holder{}

// Shared returns the one server of this test binary: that of IDENTITYD_TEST_CRDB_DSN, or a node with
// certificates and a password that it starts from COCKROACH_BINARY at the first call. It skips the test
// without either.
func Shared(t testing.TB) *Server {
	t.Helper()
	if os.Getenv(URLVariable) == "" && os.Getenv(BinaryVariable) == "" {
		missing(t, "no CockroachDB: set "+BinaryVariable+" to the program, or "+URLVariable+" to the cockroach:// URL of a user who may create databases")
	}
	s, err := binary.get()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Main runs the tests, removes the shared server and returns the exit code.
func Main(m interface{ Run() int }) int {
	code := m.Run()
	binary.mu.Lock()
	defer binary.mu.Unlock()
	if s := binary.server; s != nil && s.own != nil {
		s.own.Stop()
	}
	return code
}

func (h *holder) get() (*Server, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.tried {
		h.tried = true
		h.server, h.err = newServer()
	}
	return h.server, h.err
}

func newServer() (*Server, error) {
	if value := os.Getenv(URLVariable); value != "" {
		u, err := url.Parse(value)
		if err != nil || u.Host == "" {
			return nil, fmt.Errorf("%s is not a URL of the form cockroach://user:password@host:26257/?sslmode=verify-full", URLVariable)
		}
		u.Scheme, u.Path = "cockroach", "/"
		return &Server{url: u}, nil
	}
	// Always with a path: without one testserver downloads a binary.
	own, err := testserver.NewTestServer(
		testserver.CockroachBinaryPathOpt(os.Getenv(BinaryVariable)),
		testserver.SecureOpt(), testserver.RootPasswordOpt(password),
		testserver.InitTimeoutOpt(120), testserver.PollListenURLTimeoutOpt(120),
	)
	if err != nil {
		return nil, fmt.Errorf("starting a node: %w", err)
	}
	u := *own.PGURL()
	u.Scheme, u.Path = "cockroach", "/"
	s := &Server{url: &u, own: own}
	return s, s.settle()
}

// settle sets what makes hundreds of schema changes and dropped databases cheap, where the version knows it.
func (s *Server) settle() error {
	db, err := s.open("defaultdb")
	if err != nil {
		return err
	}
	defer db.Close()
	return prepare(db)
}

func prepare(db *sql.DB) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for _, setting := range []string{
		"jobs.registry.interval.gc = '30s'", "jobs.retention_time = '15s'",
		"sql.stats.automatic_collection.enabled = false",
	} {
		// One that this version does not know is not missed.
		db.ExecContext(ctx, "SET CLUSTER SETTING "+setting) //nolint:errcheck // see above
	}
	if license := os.Getenv(LicenseVariable); license != "" {
		for name, value := range map[string]string{
			"cluster.organization": os.Getenv(OrganizationVariable), "enterprise.license": license,
		} {
			if _, err := db.ExecContext(ctx, "SET CLUSTER SETTING "+name+" = $1", value); err != nil {
				return fmt.Errorf("setting %s: %w", name, err)
			}
		}
	}
	return nil
}

// URL returns cockroach://user:password@host:port/?...
func (s *Server) URL() string { return s.url.String() }

// URLWith returns the URL with one more parameter, which CockroachDB takes for a session variable.
func (s *Server) URLWith(name, value string) string {
	u := *s.url
	q := u.Query()
	q.Set(name, value)
	u.RawQuery = q.Encode()
	return u.String()
}

// Names returns two names of databases that do not exist. What a test makes of them is dropped when it ends.
func (s *Server) Names(t testing.TB) (hydra, kratos string) {
	t.Helper()
	id := strings.ToLower(rand.Text()[:8])
	hydra, kratos = "hydra_"+id, "kratos_"+id
	t.Cleanup(func() {
		db, err := s.open("defaultdb")
		if err != nil {
			t.Errorf("dropping databases: %v", err)
			return
		}
		defer db.Close()
		for _, name := range []string{hydra, kratos} {
			drop := "DROP DATABASE IF EXISTS " + pgx.Identifier{name}.Sanitize() + " CASCADE"
			if _, err := db.ExecContext(context.Background(), drop); err != nil {
				t.Errorf("dropping database %s: %v", name, err)
			}
		}
	})
	return hydra, kratos
}

// DB opens a pool to a database, without the seam. Its name may be empty.
func (s *Server) DB(t testing.TB, name string) *sql.DB {
	t.Helper()
	db, err := s.open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func (s *Server) open(name string) (*sql.DB, error) { return open(*s.url, name) }

func open(u url.URL, name string) (*sql.DB, error) {
	u.Scheme, u.Path = "postgres", "/"+name
	db, err := sql.Open("pgx", u.String())
	if err != nil {
		return nil, fmt.Errorf("opening CockroachDB: %w", err)
	}
	return db, nil
}
