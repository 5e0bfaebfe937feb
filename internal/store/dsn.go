package store

import (
	"log/slog"
	"net/url"
	"strings"
	"time"
)

// Dialect is a kind of database.
type Dialect string

// The dialects. CockroachDB speaks PostgreSQL's protocol but its transactions have to be retried,
// which the engines do only for its own scheme.
const (
	SQLite    Dialect = "sqlite"
	Postgres  Dialect = "postgres"
	Cockroach Dialect = "cockroach"
)

// Settings are where and how to connect.
type Settings struct {
	// URL is cockroach://, postgres:// or sqlite://<folder>; sqlite://:memory: keeps nothing.
	URL           string
	Hydra, Kratos Database
	Pool          Pool
	// Region is that of this process, for the name that the server's lists of connections show.
	Region string
}

// Database is one of the two databases. URL, when set, replaces everything else.
type Database struct{ Name, User, Password, URL string }

// Pool bounds the connections of one engine.
type Pool struct {
	MaxOpen, MaxIdle         int
	MaxLifetime, MaxIdleTime time.Duration
}

// DSN is a whole connection string. It holds a password: only Reveal returns it.
type DSN struct {
	dialect Dialect
	value   *string // a pointer, so that fmt prints an address where it ignores String
}

// Reveal returns the connection string, password and pool options included.
func (d DSN) Reveal() string {
	if d.value == nil {
		return ""
	}
	return *d.value
}

// Dialect returns the kind of database.
func (d DSN) Dialect() Dialect { return d.dialect }

// Memory reports whether everything is lost at the end of the process.
func (d DSN) Memory() bool { return d.dialect == SQLite && strings.Contains(d.Reveal(), "mode=memory") }

// File returns the file of a SQLite database.
func (d DSN) File() string {
	path, _, _ := strings.Cut(strings.TrimPrefix(d.Reveal(), "sqlite://"), "?")
	return path
}

// String names the database without its password or options.
func (d DSN) String() string {
	switch {
	case d.value == nil:
		return ""
	case d.dialect == SQLite:
		return "sqlite://" + d.File()
	}
	u, err := url.Parse(d.Reveal())
	if err != nil {
		return string(d.dialect) + "://***"
	}
	u.RawQuery = "" // sslpassword is a parameter
	return u.Redacted()
}

// Name returns the name of the database; empty for SQLite.
func (d DSN) Name() string {
	u, err := url.Parse(d.Reveal())
	if err != nil || d.dialect == SQLite {
		return ""
	}
	return strings.TrimPrefix(u.Path, "/")
}

// User returns the user that the DSN names.
func (d DSN) User() string {
	u, err := url.Parse(d.Reveal())
	if err != nil || d.dialect == SQLite {
		return ""
	}
	return u.User.Username()
}

// Password returns the password that the DSN holds.
func (d DSN) Password() string {
	u, err := url.Parse(d.Reveal())
	if err != nil || d.dialect == SQLite {
		return ""
	}
	password, _ := u.User.Password()
	return password
}

// GoString implements fmt.GoStringer.
func (d DSN) GoString() string { return d.String() }

// MarshalText implements encoding.TextMarshaler.
func (d DSN) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// LogValue implements slog.LogValuer.
func (d DSN) LogValue() slog.Value { return slog.StringValue(d.String()) }

// with returns the DSN with a parameter, unless it has one of the name already.
func (d DSN) with(key, value string) DSN {
	return d.edit(func(q url.Values) { setDefault(q, key, value) })
}

// edit returns the DSN with other parameters. Those of SQLite are ours alone and stay.
func (d DSN) edit(change func(url.Values)) DSN {
	if d.dialect == SQLite {
		return d
	}
	u, err := url.Parse(d.Reveal())
	if err != nil {
		return d
	}
	q := u.Query()
	change(q)
	u.RawQuery = q.Encode()
	return newDSN(d.dialect, u.String())
}

func newDSN(d Dialect, value string) DSN { return DSN{dialect: d, value: &value} }
