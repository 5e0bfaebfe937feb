package store

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"

	"example.com/identityd/internal/sqlseam"
)

// Open opens a pool of its own to the database, through the same driver as the engines. name replaces
// the database of the DSN unless it is empty.
func Open(d DSN, name string) (*sql.DB, error) {
	if d.dialect == SQLite {
		// Without file: before it the driver takes the path as it is, % and # included, as the engines do.
		return sql.Open(sqlseam.SQLiteDriver, strings.TrimPrefix(d.Reveal(), "sqlite://"))
	}
	u, err := url.Parse(d.Reveal())
	if err != nil {
		return nil, errors.New("reading database URL: malformed")
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
	// The driver would say it at the first connection, with the parameters, where passwords may be too.
	if _, err := pgx.ParseConfig(u.String()); err != nil {
		if cause := errors.Unwrap(err); cause != nil {
			err = cause
		} else {
			err = errors.New("the driver cannot read its parameters")
		}
		return nil, fmt.Errorf("opening %s: %w", d, err)
	}
	db, err := sql.Open(sqlseam.PostgresDriver, u.String())
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", d, err)
	}
	return db, nil
}
