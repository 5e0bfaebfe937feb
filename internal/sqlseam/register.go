package sqlseam

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/mattn/go-sqlite3"
)

// The names that pop asks for (pop: connection_instrumented.go). Both postgres:// and cockroach://
// use the first one.
const (
	PostgresDriver = "instrumented-sql-driver-postgres"
	SQLiteDriver   = "instrumented-sql-driver-sqlite3"
)

// process is what the stacks of a process share, because they share the drivers: database/sql keeps
// those in a process-wide table and panics when a name is taken twice.
var process struct { //nolint:gochecknoglobals // mirrors the process-wide table of database/sql
	counters
	schema     atomic.Uint64 // grows when a statement meets a changed schema
	broken     atomic.Uint64 // grows when a connection breaks, or cannot be opened
	unwritable unwritable
	mu         sync.Mutex
	registered bool
}

// Register puts the seam in place. It has to be called before an engine opens its first connection,
// and may be called again.
func Register() { register(nil) }

// RegisterWith is Register with a function through which the text of each statement for PostgreSQL
// passes. It is for tests in which one database stands in for another, and an error once the seam is
// in place: the connections that are open by then would not have it.
func RegisterWith(rewrite func(query string) string) error {
	if !register(rewrite) {
		return errors.New("registering a rewriting driver: the drivers are registered already")
	}
	return nil
}

// register reports whether it was the first call.
func register(rewrite func(string) string) bool {
	process.mu.Lock()
	defer process.mu.Unlock()
	if process.registered {
		return false
	}
	process.registered = true
	add(PostgresDriver, wrapped{Driver: stdlib.GetDefaultDriver(), rewrite: rewrite})
	add(SQLiteDriver, wrapped{Driver: &sqlite3.SQLiteDriver{}})
	return true
}

func add(name string, d driver.Driver) {
	if !slices.Contains(sql.Drivers(), name) {
		sql.Register(name, d)
	}
}
