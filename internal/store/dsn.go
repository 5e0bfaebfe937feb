package store

import (
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"strconv"
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
func (d DSN) Reveal() string { return *d.value }

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
	if d.dialect == SQLite {
		return "sqlite://" + d.File()
	}
	u, err := url.Parse(d.Reveal())
	if err != nil {
		return string(d.dialect) + "://***"
	}
	u.RawQuery = ""
	return u.Redacted()
}

// GoString implements fmt.GoStringer.
func (d DSN) GoString() string { return d.String() }

// LogValue implements slog.LogValuer.
func (d DSN) LogValue() slog.Value { return slog.StringValue(d.String()) }

// Resolve derives the DSNs of the two databases. They are always two: both engines own a table named
// networks (docs/ory-quirks.md#q5).
func Resolve(s Settings) (hydra, kratos DSN, err error) {
	if hydra, err = resolve(s, s.Hydra, "hydra"); err != nil {
		return DSN{}, DSN{}, fmt.Errorf("reading database.hydra: %w", err)
	}
	if kratos, err = resolve(s, s.Kratos, "kratos"); err != nil {
		return DSN{}, DSN{}, fmt.Errorf("reading database.kratos: %w", err)
	}
	return hydra, kratos, nil
}

func resolve(s Settings, d Database, engine string) (DSN, error) {
	base := s.URL
	if d.URL != "" {
		base = d.URL
	}
	scheme, rest, ok := strings.Cut(base, "://")
	if !ok {
		return DSN{}, fmt.Errorf("the database URL has no scheme")
	}
	switch scheme {
	case "sqlite":
		return resolveSQLite(rest, s, d, engine)
	case "postgres", "postgresql":
		return resolveServer(Postgres, base, s, d, engine)
	case "cockroach", "cockroachdb":
		return resolveServer(Cockroach, "cockroach://"+rest, s, d, engine)
	}
	return DSN{}, fmt.Errorf("the database URL has the unknown scheme %q", scheme)
}

func resolveSQLite(folder string, s Settings, d Database, engine string) (DSN, error) {
	if strings.Contains(folder, "?") {
		return DSN{}, fmt.Errorf("the folder of a SQLite database cannot contain a question mark")
	}
	// WAL lets readers go on beside the one writer; NORMAL is what WAL needs to survive a crash of the
	// process (a power cut may lose the last commits, never the file).
	options := "_fk=true&_busy_timeout=10000&_journal_mode=WAL&_synchronous=NORMAL" +
		"&max_conns=" + strconv.Itoa(s.Pool.MaxOpen) + "&max_idle_conns=" + strconv.Itoa(s.Pool.MaxIdle)
	name := d.Name
	if name == "" {
		name = engine
	}
	if folder == ":memory:" {
		// A name per engine, or both would share one database.
		return newDSN(SQLite, "sqlite://file:"+name+"?_fk=true&cache=shared&mode=memory&_busy_timeout=10000"), nil
	}
	return newDSN(SQLite, "sqlite://"+filepath.Join(folder, name+".sqlite")+"?"+options), nil
}

func resolveServer(dialect Dialect, base string, s Settings, d Database, engine string) (DSN, error) {
	u, err := url.Parse(base)
	if err != nil {
		// The error of url.Parse quotes the URL, password included.
		return DSN{}, fmt.Errorf("the database URL is malformed; percent-encode special characters of the password")
	}
	if d.URL == "" {
		u.Path = "/" + d.Name
		u.User = userinfo(u.User, d)
	}
	q := u.Query()
	setDefault(q, "max_conns", strconv.Itoa(s.Pool.MaxOpen))
	setDefault(q, "max_idle_conns", strconv.Itoa(s.Pool.MaxIdle))
	setDefault(q, "max_conn_lifetime", s.Pool.MaxLifetime.String())
	setDefault(q, "max_conn_idle_time", s.Pool.MaxIdleTime.String())
	setDefault(q, "connect_timeout", "5")
	setDefault(q, "application_name", "identityd-"+engine)
	u.RawQuery = q.Encode()
	return newDSN(dialect, u.String()), nil
}

func userinfo(base *url.Userinfo, d Database) *url.Userinfo {
	user := base.Username()
	password, has := base.Password()
	if d.User != "" {
		user = d.User
	}
	if d.Password != "" {
		password, has = d.Password, true
	}
	switch {
	case user == "":
		return nil
	case has:
		return url.UserPassword(user, password)
	default:
		return url.User(user)
	}
}

func setDefault(q url.Values, key, value string) {
	if !q.Has(key) {
		q.Set(key, value)
	}
}

func newDSN(d Dialect, value string) DSN { return DSN{dialect: d, value: &value} }
