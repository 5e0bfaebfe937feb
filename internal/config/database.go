package config

import "time"

// Database says where both engines keep their data: one cluster, two databases. identityd bootstrap makes them, with
// their users.
//
//	database:
//	  url: postgres://db.internal:5432/?sslmode=verify-full
//	  hydra: { user: hydra_user, password_file: secrets/hydra }
//	  kratos: { user: kratos_user, password_file: secrets/kratos }
//	  migrate: wait
type Database struct {
	// URL is the server: cockroach:// or postgres://, one server with two databases, or sqlite:// and a folder, for one
	// process alone. Default: SQLite in data_dir.
	URL DSN `yaml:"url"`
	// Hydra is Hydra's database.
	Hydra DatabaseUser `yaml:"hydra"`
	// Kratos is Kratos' database.
	Kratos DatabaseUser `yaml:"kratos"`
	// WaitTimeout is how long to wait for the database at start; 0 means for ever, alive but not ready.
	WaitTimeout time.Duration `yaml:"wait_timeout"`
	// Migrate says when the schema is brought up to date: auto at each start; empty only in an empty database; wait for
	// identityd migrate or another process to do it; off, and refuse to start on an older one. Default: auto in development
	// and on SQLite, else empty.
	Migrate Migrate `yaml:"migrate"`
	// Pool bounds the connections, per engine and process.
	Pool Pool `yaml:"pool"`
	// Regions spreads the data over the regions of a CockroachDB cluster.
	Regions Regions `yaml:"regions"`
}

// DatabaseUser is one engine's database.
type DatabaseUser struct {
	// Name is the name of the database.
	Name string `yaml:"name"`
	// User is the user that this engine connects as; empty: the one of database.url.
	User string `yaml:"user"`
	// Password is that user's password; empty: the one of database.url. Better in password_file.
	Password Secret `yaml:"password"`
	// PasswordFile is a file that holds the password, in its one line.
	PasswordFile string `yaml:"password_file"`
	// URL is a whole address of a database instead of all of the above and of database.url.
	URL Secret `yaml:"url"`
}

// Pool bounds the connections of one engine.
type Pool struct {
	// MaxOpen is the largest number of connections of one engine in one process; at least 2, since one deadlocks Kratos.
	// Twice that times the number of processes has to stay below what the server admits.
	MaxOpen int `yaml:"max_open"`
	// MaxIdle is how many of them stay open unused, until max_idle_time; as it comes all of them, however small max_open
	// is. Below max_open connections are closed and opened anew under load, which costs more than the requests they are
	// for.
	MaxIdle int `yaml:"max_idle"`
	// MaxLifetime is the age at which a connection is replaced; 0 means never.
	MaxLifetime time.Duration `yaml:"max_lifetime"`
	// MaxIdleTime is how long a connection may be unused; 0 means for ever.
	MaxIdleTime time.Duration `yaml:"max_idle_time"`
}

// Regions spreads the data over the regions of a CockroachDB cluster; identityd regions apply does so.
type Regions struct {
	// Primary is the region whose nodes answer for every table that is not global, by the name that SHOW REGIONS prints.
	Primary string `yaml:"primary"`
	// Others are the further regions of the cluster.
	Others []string `yaml:"others"`
	// Survive is what may fail without loss of service: zone or region. A region needs three of them.
	Survive Survive `yaml:"survive"`
	// Rows says where flows, sessions, tokens and people live: primary, or local, in the region that
	// wrote them. Measure before local: each insert then asks every other region.
	Rows Rows `yaml:"rows"`
}

// All returns the regions, the primary one first; none when they are not configured.
func (r Regions) All() []string {
	if r.Primary == "" {
		return nil
	}
	return append([]string{r.Primary}, r.Others...)
}

// Rows says where the rows of a table live.
type Rows string

// Places of rows.
const (
	RowsPrimary Rows = "primary"
	RowsLocal   Rows = "local"
)

func (Rows) words() []string { return []string{"primary", "local"} }

// Migrate says when the schema is brought up to date.
type Migrate string

// Migration modes.
const (
	MigrateAuto  Migrate = "auto"
	MigrateEmpty Migrate = "empty"
	MigrateWait  Migrate = "wait"
	MigrateOff   Migrate = "off"
)

func (Migrate) words() []string { return []string{"auto", "empty", "wait", "off"} }

// Survive is what may fail without loss of service.
type Survive string

// Survival goals.
const (
	SurviveZone   Survive = "zone"
	SurviveRegion Survive = "region"
)

func (Survive) words() []string { return []string{"zone", "region"} }

// Dialect is the kind of database.
type Dialect string

// Dialects that both engines run on.
const (
	SQLite    Dialect = "sqlite"
	Postgres  Dialect = "postgres"
	Cockroach Dialect = "cockroach"
)

// mostConnections bounds database.pool.max_open.
const mostConnections = 10000

func defaultDatabase() Database {
	return Database{
		Hydra:   DatabaseUser{Name: "hydra"},
		Kratos:  DatabaseUser{Name: "kratos"},
		Pool:    Pool{MaxOpen: 20, MaxIdle: mostConnections, MaxLifetime: 5 * time.Minute, MaxIdleTime: time.Minute},
		Regions: Regions{Survive: SurviveZone, Rows: RowsPrimary},
	}
}

// Dialect returns the kind of database; the rules see to it that both engines use the same.
func (d Database) Dialect() Dialect { return d.hydraDSN().Dialect() }

// hydraDSN is what Hydra's address is derived from.
func (d Database) hydraDSN() DSN { return d.effective(d.Hydra) }

// kratosDSN is what Kratos' address is derived from.
func (d Database) kratosDSN() DSN { return d.effective(d.Kratos) }

func (d Database) effective(u DatabaseUser) DSN {
	if !u.URL.Empty() {
		return NewDSN(u.URL.Reveal())
	}
	return d.URL
}

// resolve settles what depends on other settings.
func (d *Database) resolve(p Profile, dataDir, dir string) {
	switch {
	case d.URL.Empty():
		d.URL = NewDSN("sqlite://" + dataDir)
	case d.URL.Dialect() == SQLite && !d.URL.Memory():
		d.URL = NewDSN("sqlite://" + absolute(dir, d.URL.Folder()))
	}
	// database/sql would do the same; this way what is reported is what applies.
	d.Pool.MaxIdle = min(d.Pool.MaxIdle, max(d.Pool.MaxOpen, 0))
	if d.Migrate == "" {
		d.Migrate = MigrateEmpty
		if p == Development || d.Dialect() == SQLite {
			d.Migrate = MigrateAuto
		}
	}
}
