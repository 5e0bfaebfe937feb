package translate

import (
	"net/url"
	"strconv"
	"strings"
)

// address is a DSN of Ory taken apart.
type address struct {
	scheme, hosts, name, user, password string
	query                               url.Values
	pool                                map[string]string
}

// readDSN takes a network DSN apart, with the parameters that are the pool's kept aside.
func readDSN(raw string) (address, bool) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" && u.RawQuery == "" {
		return address{}, false
	}
	a := address{scheme: u.Scheme, hosts: u.Host, name: strings.Trim(u.Path, "/"), query: u.Query(), pool: map[string]string{}}
	a.user = u.User.Username()
	a.password, _ = u.User.Password()
	for name, word := range map[string]string{
		"max_conns": "max_open", "max_idle_conns": "max_idle", "max_conn_lifetime": "max_lifetime", "max_conn_idle_time": "max_idle_time",
	} {
		if v := a.query.Get(name); v != "" {
			a.pool[word] = v
		}
		a.query.Del(name)
	}
	return a, true
}

// base is what both databases of a server have in common.
func (a address) base(name string) string {
	u := url.URL{Scheme: a.scheme, Host: a.hosts, Path: "/" + name, RawQuery: a.query.Encode()}
	return u.String()
}

func (d *draft) database() {
	raw := map[string]string{hydra: d.str(hydra, "dsn"), kratos: d.str(kratos, "dsn")}
	kind := map[string]string{}
	for _, engine := range []string{hydra, kratos} { // always in the same order
		dsn := raw[engine]
		scheme, _, _ := strings.Cut(dsn, "://")
		switch {
		case dsn == "":
		case dsn == "memory", strings.Contains(dsn, ":memory:"), strings.Contains(dsn, "mode=memory"):
			kind[engine] = "memory"
			d.note("database", "%s kept everything in memory; identityd keeps it in SQLite, in data_dir", engine)
		case scheme == "sqlite", scheme == "sqlite3":
			kind[engine] = "sqlite"
			d.note("database", "%s kept its data in %s; identityd's is %s.sqlite in data_dir. To take it along, stop %s and copy that file (with its "+
				"-wal file, if there is one) to ./identityd-data/%s.sqlite before the first start", engine, sqliteFile(dsn), engine, engine, engine)
		case scheme == "postgres", scheme == "postgresql", scheme == "cockroach", scheme == "cockroachdb":
			kind[engine] = "network"
		default:
			d.problems.add(d.values[engine]["dsn"].source, "dsn", "is %s, which identityd does not run on; move the data to PostgreSQL or CockroachDB first "+
				"(docs/importing.md), and import with that address", firstOf(scheme, "unreadable"))
		}
	}
	if kind[hydra] == "network" || kind[kratos] == "network" {
		d.network(raw, kind)
		return
	}
	if kind[hydra] == "" && kind[kratos] == "" {
		d.note("database", "no dsn was given; identityd keeps everything in SQLite, in data_dir. For a server write database.url, or give "+
			"the environment of the containers too (--env-file, --compose)")
	}
}

func sqliteFile(dsn string) string {
	_, rest, _ := strings.Cut(dsn, "://")
	file, _, _ := strings.Cut(rest, "?")
	return file
}

// network: both databases on one server have one address, a name and a user each.
func (d *draft) network(raw, kind map[string]string) {
	parts := map[string]address{}
	for _, engine := range []string{hydra, kratos} {
		if kind[engine] != "network" {
			continue
		}
		a, ok := readDSN(raw[engine])
		if !ok {
			d.problems.add(d.values[engine]["dsn"].source, "dsn", "cannot be read; percent-encode what is special in the password (%%3F for ?, %%2F for /, %%40 for @)")
			return
		}
		parts[engine] = a
		d.pool(a)
	}
	h, hasHydra := parts[hydra]
	k, hasKratos := parts[kratos]
	switch {
	case !hasKratos:
		k = h
		k.name = kratos
		d.note("database.kratos", "there was no database for kratos; it needs one called kratos on the same server, which is made at the start if the user may")
	case !hasHydra:
		h = k
		h.name = hydra
		d.note("database.hydra", "there was no database for hydra; it needs one called hydra on the same server, which is made at the start if the user may")
	}
	if h.hosts == k.hosts && h.name == k.name {
		d.problems.add(d.values[kratos]["dsn"].source, "dsn", "is the database of hydra too, which cannot work: both engines have tables called "+
			"networks and schema_migration, with different contents (docs/ory-quirks.md#q5). Give each its own (docs/importing.md), and import again")
		return
	}
	if h.scheme != k.scheme || h.hosts != k.hosts || h.query.Encode() != k.query.Encode() {
		d.twoServers(raw, parts)
		return
	}
	maintenance := ""
	if strings.HasPrefix(h.scheme, "postgres") {
		maintenance = "postgres"
	}
	d.set("database.url", h.base(maintenance))
	for _, one := range []struct {
		engine string
		a      address
	}{{hydra, h}, {kratos, k}} {
		at := "database." + one.engine + "."
		d.set(at+"name", one.a.name)
		if one.a.user != "" {
			d.set(at+"user", one.a.user)
		}
		if one.a.password != "" {
			d.secret(at+"password", "database-"+one.engine, one.a.password)
		}
	}
	d.note("database", "the databases are those there were, and identityd goes on in them. Stop the old engines, make a backup, and run identityd migrate, "+
		"which adds tables of its own (identityd migrate plan shows it; docs/importing.md)")
}

// twoServers: a DSN each, with the password in it.
func (d *draft) twoServers(raw map[string]string, parts map[string]address) {
	for engine, a := range parts {
		if raw[engine] == "" {
			continue
		}
		u := url.URL{Scheme: a.scheme, Host: a.hosts, Path: "/" + a.name, RawQuery: a.query.Encode()}
		if a.user != "" {
			u.User = url.User(a.user)
			if a.password != "" {
				u.User = url.UserPassword(a.user, a.password)
				d.sealed = true
				d.note("database."+engine+".url", "holds a password, because the two engines are on different servers: stack.yaml is readable by its owner "+
					"alone. IDENTITYD_DATABASE_%s_URL can hold it in its place", strings.ToUpper(engine))
			}
		}
		d.set("database."+engine+".url", u.String())
	}
}

// pool takes the larger of the two engines: a pool here is per engine too.
func (d *draft) pool(a address) {
	for word, v := range a.pool {
		at := "database.pool." + word
		n, err := strconv.Atoi(v)
		if err != nil {
			d.set(at, v)
			continue
		}
		if have, ok := d.words[at].(int); !ok || n > have {
			d.set(at, n)
		}
	}
	// One connection deadlocks Kratos.
	if n, ok := d.words["database.pool.max_open"].(int); ok && n < 2 {
		d.set("database.pool.max_open", 2)
	}
}
