package store

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	"example.com/identityd/internal/sqlseam"
)

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
	if d.Name == "" {
		d.Name = engine
	}
	if strings.ContainsAny(d.Name, `/\?#`) {
		return DSN{}, fmt.Errorf("the database cannot be named %q", d.Name)
	}
	if d.URL != "" {
		base = d.URL
	}
	scheme, rest, ok := strings.Cut(base, "://")
	if !ok {
		return DSN{}, errors.New("the database URL has no scheme")
	}
	switch scheme {
	case "sqlite":
		return resolveSQLite(rest, s, d)
	case "postgres", "postgresql":
		return resolveServer(Postgres, base, s, d, engine)
	case "cockroach", "cockroachdb":
		return resolveServer(Cockroach, "cockroach://"+rest, s, d, engine)
	}
	// Not quoted: what stands before :// may be a password that was not percent-encoded.
	return DSN{}, errors.New("the database URL must begin with sqlite://, postgres:// or cockroach://")
}

func resolveSQLite(folder string, s Settings, d Database) (DSN, error) {
	if strings.Contains(folder, "?") {
		return DSN{}, errors.New("the folder of a SQLite database cannot contain a question mark")
	}
	// WAL lets readers go on beside the one writer; NORMAL is what WAL needs to survive a crash of the
	// process (a power cut may lose the last commits, never the file).
	options := "_fk=true&_busy_timeout=10000&_journal_mode=WAL&_synchronous=NORMAL" +
		"&max_conns=" + strconv.Itoa(s.Pool.MaxOpen) + "&max_idle_conns=" + strconv.Itoa(s.Pool.MaxIdle)
	if folder == ":memory:" {
		// A name per engine, or both would share one database.
		return newDSN(SQLite, "sqlite://file:"+d.Name+"?_fk=true&cache=shared&mode=memory&_busy_timeout=10000"), nil
	}
	return newDSN(SQLite, "sqlite://"+filepath.Join(folder, d.Name+".sqlite")+"?"+options), nil
}

func resolveServer(dialect Dialect, base string, s Settings, d Database, engine string) (DSN, error) {
	u, err := url.Parse(base)
	if err != nil || misread(u) {
		// The error of url.Parse quotes the URL, password included.
		return DSN{}, errors.New("the database URL is malformed; percent-encode special characters of the password")
	}
	if d.URL == "" {
		u.Path = "/" + d.Name
		u.User = userinfo(u.User, d)
	}
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return DSN{}, errors.New("the database URL has malformed parameters after the question mark")
	}
	setDefault(q, "max_conns", strconv.Itoa(s.Pool.MaxOpen))
	setDefault(q, "max_idle_conns", strconv.Itoa(s.Pool.MaxIdle))
	setDefault(q, "max_conn_lifetime", s.Pool.MaxLifetime.String())
	setDefault(q, "max_conn_idle_time", s.Pool.MaxIdleTime.String())
	if s.Pool.MaxLifetime > 0 {
		q.Set(sqlseam.LifetimeParameter, s.Pool.MaxLifetime.String())
	}
	setDefault(q, "connect_timeout", "5")
	setDefault(q, "application_name", applicationName(engine, s.Region))
	for key, value := range timeouts() {
		setDefault(q, key, value)
		if q.Get(key) == "" { // written as statement_timeout=, by those whose pooler refuses it
			q.Del(key)
		}
	}
	u.RawQuery = q.Encode()
	return newDSN(dialect, u.String()), nil
}

// timeouts are those that the server keeps for a serving connection, on PostgreSQL and CockroachDB alike. They
// end what nobody waits for any more: the statement of a client that is gone, and the transaction of a
// process that was frozen or cut off. No statement of a request takes seconds.
func timeouts() map[string]string {
	return map[string]string{"statement_timeout": "15s", "idle_in_transaction_session_timeout": "30s"}
}

// ForMigrations returns the DSN without what would cut a migration short, under a name of its own.
func (d DSN) ForMigrations() DSN {
	return d.edit(func(q url.Values) {
		q.Set("lock_timeout", "0")
		for key := range timeouts() {
			q.Set(key, "0")
		}
		if name := q.Get("application_name"); strings.HasPrefix(name, applicationName("", "")) {
			q.Set("application_name", name+"/migrations")
		}
	})
}

// applicationName is what the server's lists of connections show.
func applicationName(engine, region string) string {
	name := "identityd/" + engine
	if region != "" {
		name += "/" + region
	}
	return name
}

// misread reports a URL that parses, but whose password ended at a ?, # or / that was meant to be part
// of it: postgres://me:12?34@host is a host "me" with port 12, and the rest would end up in messages.
func misread(u *url.URL) bool {
	return u.Fragment != "" || strings.ContainsAny(u.RawQuery, "@?") || strings.Contains(u.EscapedPath(), "@")
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
