package config

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

func checkDatabase(c *collector, cfg *Config) {
	db := &cfg.Database
	ok := checkDSN(c, "database.url", db.URL, cfg.Profile)
	if db.URL.Memory() && cfg.Profile == Production {
		c.add("database.url", "must not be in memory in production; write sqlite://<folder>, postgres:// or cockroach://")
	}
	for _, engine := range []struct {
		path string
		user DatabaseUser
	}{{"database.hydra", db.Hydra}, {"database.kratos", db.Kratos}} {
		if engine.user.URL.Empty() {
			checkDatabaseUser(c, engine.path, engine.user, db.URL.Dialect())
			continue
		}
		dsn := NewDSN(engine.user.URL.Reveal())
		ok = checkDSN(c, engine.path+".url", dsn, cfg.Profile) && ok
		checkWholeDSN(c, engine.path, engine.user, dsn)
	}
	if ok {
		checkBothEngines(c, db)
	}
	checkPool(c, db.Pool)
	checkRegions(c, cfg)
	atLeast(c, "database.wait_timeout", db.WaitTimeout, 0)
}

// checkDSN reports what is wrong with an address, and whether the other rules can go on with it.
func checkDSN(c *collector, path string, dsn DSN, p Profile) bool {
	before := len(c.problems)
	switch dsn.Dialect() {
	case "":
		c.add(path, "must begin with cockroach://, postgres:// or sqlite://%s", schemeCure(dsn))
	case SQLite:
		if strings.ContainsAny(dsn.Folder(), "?#") {
			c.add(path, "must be sqlite:// and a folder; identityd sets the parameters itself")
		}
		if dsn.Folder() == "" {
			c.add(path, "must name a folder; write sqlite://./identityd-data or sqlite://:memory:")
		}
	default:
		checkNetworkDSN(c, path, dsn, p)
	}
	return len(c.problems) == before && !c.unread[path]
}

func schemeCure(dsn DSN) string {
	switch text := strings.ToLower(dsn.Reveal()); {
	case text == "memory" || strings.HasPrefix(text, "memory:"):
		return "; for a database in memory write sqlite://:memory:"
	case strings.HasPrefix(text, "mysql:"):
		return "; MySQL is not supported"
	case strings.HasPrefix(text, "file:"):
		return "; for SQLite write sqlite://<folder>"
	}
	return ""
}

func checkNetworkDSN(c *collector, path string, dsn DSN, p Profile) {
	parts := splitDSN(dsn.Reveal())
	if parts.problem != "" {
		c.add(path, "%s", parts.problem)
		return
	}
	if parts.hosts == "" && parts.query.Get("host") == "" {
		c.add(path, "must name a host; write %s://host:port, or ?host=/folder for a unix socket", parts.scheme)
	}
	owned := map[string]string{
		"max_conns": "database.pool.max_open", "max_idle_conns": "database.pool.max_idle",
		"max_conn_lifetime": "database.pool.max_lifetime", "max_conn_idle_time": "database.pool.max_idle_time",
	}
	for _, name := range slices.Sorted(maps.Keys(owned)) {
		if parts.query.Has(name) {
			c.add(path, "must not set %s; use %s", name, owned[name])
			parts.query.Del(name)
		}
	}
	checkParameters(c, path, parts, dsn.Dialect(), p)
}

func checkDatabaseUser(c *collector, path string, u DatabaseUser, d Dialect) {
	if u.Name == "" || strings.ContainsAny(u.Name, "/\\?#\"'") {
		c.add(path+".name", "must be the name of a database, without / \\ ? # or quotes (got %s)", quote(u.Name))
	}
	if d != SQLite {
		return
	}
	for word, set := range map[string]bool{"user": u.User != "", "password": !u.Password.Empty()} {
		if set {
			c.add(path+"."+word, "must not be set for SQLite, which has no users")
		}
	}
}

func checkWholeDSN(c *collector, path string, u DatabaseUser, dsn DSN) {
	if dsn.Dialect() == SQLite {
		c.add(path+".url", "must not be SQLite; write database.url: sqlite://<folder>, which holds both")
	}
	for word, set := range map[string]bool{"user": u.User != "", "password": !u.Password.Empty()} {
		if set {
			c.add(path+"."+word, "must not be set beside %s.url, which holds it already", path)
		}
	}
	if dsn.Dialect() != SQLite && dsn.Dialect() != "" && strings.Trim(splitDSN(dsn.Reveal()).path, "/") == "" {
		c.add(path+".url", "must name the database; write it after the host: /%s", filepath.Base(path[len("database."):]))
	}
}

// checkBothEngines: they number their migrations in a table of the same name.
func checkBothEngines(c *collector, db *Database) {
	hydra, kratos := db.hydraDSN(), db.kratosDSN()
	if hydra.Dialect() != kratos.Dialect() {
		c.add("database.url", "must be one kind of database for both engines (hydra is on %s, kratos on %s); %s",
			hydra.Dialect(), kratos.Dialect(), "set database.url, or both of database.hydra.url and database.kratos.url")
		return
	}
	if place(hydra, db.Hydra) == place(kratos, db.Kratos) {
		word := "name"
		if !db.Kratos.URL.Empty() {
			word = "url"
		}
		c.add("database.kratos."+word, "must name another database than Hydra's; each engine needs its own")
	}
}

// place identifies a database as far as its address tells.
func place(dsn DSN, u DatabaseUser) [3]string {
	if dsn.Dialect() == SQLite {
		return [3]string{dsn.Folder(), u.Name}
	}
	parts := splitDSN(dsn.Reveal())
	name := u.Name
	if !u.URL.Empty() {
		name = strings.Trim(parts.path, "/")
	}
	return [3]string{strings.ToLower(parts.hosts), name, parts.query.Get("search_path")}
}

func checkPool(c *collector, p Pool) {
	if p.MaxOpen < 2 || p.MaxOpen > mostConnections {
		c.add("database.pool.max_open", "must be from 2 to %d (got %d); with one connection Kratos waits for itself", mostConnections, p.MaxOpen)
	}
	if p.MaxIdle < 0 {
		c.add("database.pool.max_idle", "must not be negative (got %d)", p.MaxIdle)
	}
	atLeast(c, "database.pool.max_lifetime", p.MaxLifetime, 0)
	atLeast(c, "database.pool.max_idle_time", p.MaxIdleTime, 0)
}
