package stacktest

import (
	"path/filepath"
	"strings"
	"testing"

	"example.com/identityd/internal/pgtest"
)

// databases are two of a server, and the words of stack.yaml that lead there.
type databases struct {
	server        *pgtest.Server
	hydra, kratos string
	opts          []Option
}

// newDatabases names two databases that do not exist yet, or, on the stand-in, makes them. The secrets
// live apart from the databases, so that a second stack finds the same ones.
func newDatabases(t *testing.T, server *pgtest.Server) databases {
	t.Helper()
	d := databases{server: server}
	d.hydra, d.kratos = server.Databases(t)
	url, data := server.URL(), filepath.Join(t.TempDir(), "data")
	if StandIn() {
		url = AsCockroach(t, url, d.hydra, d.kratos, data)
	}
	d.opts = []Option{
		Set("data_dir", data),
		Set("database.url", url),
		Set("database.hydra.name", d.hydra),
		Set("database.kratos.name", d.kratos),
	}
	return d
}

// itsURL is a way to a PostgreSQL by another address, under the scheme of what it stands in for.
func itsURL(url string) string {
	if !StandIn() {
		return url
	}
	return strings.Replace(url, "postgres://", "cockroach://", 1)
}

// onPostgres is newDatabases for a test that needs no more of them.
func onPostgres(t *testing.T, server *pgtest.Server) []Option {
	t.Helper()
	return newDatabases(t, server).opts
}

// start starts a stack on the databases.
func (d databases) start(t *testing.T, opts ...Option) *Stack {
	t.Helper()
	return Start(t, append(append([]Option{}, d.opts...), opts...)...)
}

// orStandIn are databases of the stand-in for CockroachDB, where there is one; otherwise a test stays on SQLite. It comes before
// the words of the test, which may name a folder of its own.
func orStandIn(t *testing.T) Option {
	t.Helper()
	if !StandIn() {
		return func(map[string]string) {}
	}
	opts := onPostgres(t, pgtest.Shared(t))
	return func(words map[string]string) {
		for _, o := range opts {
			o(words)
		}
	}
}

// orCockroach is what spans call the system of a database.
func orCockroach(system string) string {
	if StandIn() {
		return "cockroachdb"
	}
	return system
}
