package stacktest

import (
	"path/filepath"
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
