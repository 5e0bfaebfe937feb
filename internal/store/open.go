package store

import (
	"database/sql"
	"fmt"
	"net/url"

	"example.com/identityd/internal/sqlseam"
)

// Open opens a pool of its own to the database, through the same driver as the engines. name replaces
// the database of the DSN unless it is empty.
func Open(d DSN, name string) (*sql.DB, error) {
	if d.dialect == SQLite {
		return sql.Open(sqlseam.SQLiteDriver, "file:"+d.File()+"?_fk=true&_busy_timeout=10000")
	}
	u, err := url.Parse(d.Reveal())
	if err != nil {
		return nil, fmt.Errorf("reading database URL: malformed")
	}
	u.Scheme = "postgres" // pgx knows no other
	if name != "" {
		u.Path = "/" + name
	}
	q := u.Query()
	// Ory's words, which pgx would send to the server as settings.
	for _, key := range []string{"max_conns", "max_idle_conns", "max_conn_lifetime", "max_conn_idle_time"} {
		q.Del(key)
	}
	u.RawQuery = q.Encode()
	db, err := sql.Open(sqlseam.PostgresDriver, u.String())
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", d, err)
	}
	return db, nil
}
