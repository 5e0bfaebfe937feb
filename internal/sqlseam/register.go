package sqlseam

import (
	"database/sql"
	"database/sql/driver"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/mattn/go-sqlite3"
)

// The names that pop asks for (pop: connection_instrumented.go). Both postgres:// and cockroach://
// use the first one.
const (
	PostgresDriver = "instrumented-sql-driver-postgres"
	SQLiteDriver   = "instrumented-sql-driver-sqlite3"
)

// register runs once: database/sql keeps its drivers in a process-wide table and panics when a name
// is taken twice, and a process may start several stacks (tests do).
var register = sync.OnceFunc(func() { //nolint:gochecknoglobals // mirrors the process-wide table of database/sql
	add(PostgresDriver, stdlib.GetDefaultDriver())
	add(SQLiteDriver, &sqlite3.SQLiteDriver{})
})

// Register puts the seam in place. It has to be called before an engine opens its first connection,
// and may be called again.
func Register() { register() }

func add(name string, d driver.Driver) {
	if !slices.Contains(sql.Drivers(), name) {
		sql.Register(name, wrapped{d})
	}
}
