package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/store"
)

const (
	lite = "?_fk=true&_busy_timeout=10000&_journal_mode=WAL&_synchronous=NORMAL&max_conns=7&max_idle_conns=3"
	mem  = "?_fk=true&cache=shared&mode=memory&_busy_timeout=10000"
	// The pool of pool, as Ory reads it from the DSN.
	hydraQuery  = "?application_name=identityd%2Fhydra" + query + timeout
	kratosQuery = "?application_name=identityd%2Fkratos" + query + timeout
	query       = "&connect_timeout=5" + idle + "&max_conn_idle_time=1m0s&" +
		"max_conn_lifetime=5m0s&max_conns=7&max_idle_conns=3"
	idle    = "&identityd_lifetime=5m0s&idle_in_transaction_session_timeout=30s"
	timeout = "&statement_timeout=15s"
)

func pool() store.Pool {
	return store.Pool{MaxOpen: 7, MaxIdle: 3, MaxLifetime: 5 * time.Minute, MaxIdleTime: time.Minute}
}

type resolved struct {
	Hydra, Kratos   string
	Dialect         store.Dialect
	Memory          bool
	HydraForPeople  string
	KratosForPeople string
}

func TestResolve(t *testing.T) {
	tests := []struct {
		name          string
		url           string
		hydra, kratos store.Database
		want          resolved
	}{
		{
			name: "a folder holds one file for each engine",
			url:  "sqlite:///var/lib/identityd",
			want: resolved{
				Hydra:   "sqlite:///var/lib/identityd/hydra.sqlite" + lite,
				Kratos:  "sqlite:///var/lib/identityd/kratos.sqlite" + lite,
				Dialect: store.SQLite, HydraForPeople: "sqlite:///var/lib/identityd/hydra.sqlite",
				KratosForPeople: "sqlite:///var/lib/identityd/kratos.sqlite",
			},
		},
		{
			name:  "a relative folder stays relative, and names name the files",
			url:   "sqlite://./some data",
			hydra: store.Database{Name: "h"}, kratos: store.Database{Name: "k"},
			want: resolved{
				Hydra: "sqlite://some data/h.sqlite" + lite, Kratos: "sqlite://some data/k.sqlite" + lite,
				Dialect: store.SQLite, HydraForPeople: "sqlite://some data/h.sqlite",
				KratosForPeople: "sqlite://some data/k.sqlite",
			},
		},
		{
			name: "two databases in memory do not share a name",
			url:  "sqlite://:memory:",
			want: resolved{
				Hydra: "sqlite://file:hydra" + mem, Kratos: "sqlite://file:kratos" + mem,
				Dialect: store.SQLite, Memory: true, HydraForPeople: "sqlite://file:hydra",
				KratosForPeople: "sqlite://file:kratos",
			},
		},
		{
			name: "one PostgreSQL holds two databases named after the engines",
			url:  "postgres://me:pw@db.internal:5432/",
			want: resolved{
				Hydra:   "postgres://me:pw@db.internal:5432/hydra" + hydraQuery,
				Kratos:  "postgres://me:pw@db.internal:5432/kratos" + kratosQuery,
				Dialect: store.Postgres, HydraForPeople: "postgres://me:xxxxx@db.internal:5432/hydra",
				KratosForPeople: "postgres://me:xxxxx@db.internal:5432/kratos",
			},
		},
		{
			name:  "users, passwords and names of an engine go before those of the URL",
			url:   "postgresql://me:pw@db/ignored",
			hydra: store.Database{Name: "oauth", User: "hydra_user", Password: "other"},
			// A password alone keeps the user, a user alone keeps the password.
			kratos: store.Database{Name: "people", Password: "third"},
			want: resolved{
				Hydra:   "postgresql://hydra_user:other@db/oauth" + hydraQuery,
				Kratos:  "postgresql://me:third@db/people" + kratosQuery,
				Dialect: store.Postgres, HydraForPeople: "postgresql://hydra_user:xxxxx@db/oauth",
				KratosForPeople: "postgresql://me:xxxxx@db/people",
			},
		},
		{
			name:  "a user without a password keeps none",
			url:   "cockroach://me@crdb:26257",
			hydra: store.Database{User: "hydra_user"},
			want: resolved{
				Hydra:   "cockroach://hydra_user@crdb:26257/hydra" + hydraQuery,
				Kratos:  "cockroach://me@crdb:26257/kratos" + kratosQuery,
				Dialect: store.Cockroach, HydraForPeople: "cockroach://hydra_user@crdb:26257/hydra",
				KratosForPeople: "cockroach://me@crdb:26257/kratos",
			},
		},
		{
			name: "the other scheme of CockroachDB means the same, and a URL without a user stays so",
			url:  "cockroachdb://crdb:26257",
			want: resolved{
				Hydra:   "cockroach://crdb:26257/hydra" + hydraQuery,
				Kratos:  "cockroach://crdb:26257/kratos" + kratosQuery,
				Dialect: store.Cockroach, HydraForPeople: "cockroach://crdb:26257/hydra",
				KratosForPeople: "cockroach://crdb:26257/kratos",
			},
		},
		{
			name:  "special characters of a password are encoded once",
			url:   "postgres://me:a%3Fb%23c%2Fd%40e%25f%20g%3Ah@db/",
			hydra: store.Database{Password: "?#/@%25 :&=+"},
			want: resolved{
				Hydra:   "postgres://me:%3F%23%2F%40%2525%20%3A&=+@db/hydra" + hydraQuery,
				Kratos:  "postgres://me:a%3Fb%23c%2Fd%40e%25f%20g%3Ah@db/kratos" + kratosQuery,
				Dialect: store.Postgres, HydraForPeople: "postgres://me:xxxxx@db/hydra",
				KratosForPeople: "postgres://me:xxxxx@db/kratos",
			},
		},
		{
			name:  "a whole URL replaces everything, and its own options stay",
			url:   "postgres://me:pw@db/",
			hydra: store.Database{URL: "postgres://h:x@one/first?connect_timeout=9&sslmode=require", Name: "n", User: "u", Password: "p"},
			kratos: store.Database{
				URL: "postgres://k:y@two/second?application_name=mine&sslpassword=sesame",
			},
			want: resolved{
				Hydra: "postgres://h:x@one/first?application_name=identityd%2Fhydra&connect_timeout=9" + idle + "&" +
					"max_conn_idle_time=1m0s&max_conn_lifetime=5m0s&max_conns=7&max_idle_conns=3&sslmode=require" + timeout,
				Kratos: "postgres://k:y@two/second?application_name=mine&connect_timeout=5" + idle + "&" +
					"max_conn_idle_time=1m0s&max_conn_lifetime=5m0s&max_conns=7&max_idle_conns=3&sslpassword=sesame" + timeout,
				Dialect: store.Postgres, HydraForPeople: "postgres://h:xxxxx@one/first",
				KratosForPeople: "postgres://k:xxxxx@two/second",
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h, k, err := store.Resolve(store.Settings{URL: tt.url, Hydra: tt.hydra, Kratos: tt.kratos, Pool: pool()})
			if err != nil {
				t.Fatal(err)
			}
			got := resolved{
				Hydra: h.Reveal(), Kratos: k.Reveal(), Dialect: h.Dialect(), Memory: h.Memory(),
				HydraForPeople: h.String(), KratosForPeople: k.String(),
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if h.Dialect() != k.Dialect() || h.Memory() != k.Memory() {
				t.Errorf("the engines differ: %s %v and %s %v", h.Dialect(), h.Memory(), k.Dialect(), k.Memory())
			}
			// Ory reads the pool from what follows the only question mark.
			if n := strings.Count(h.Reveal(), "?"); n != 1 {
				t.Errorf("got %d question marks, want 1", n)
			}
		})
	}
}

func TestResolveRefuses(t *testing.T) {
	const malformed = "the database URL is malformed; percent-encode special characters of the password"
	tests := []struct {
		name     string
		settings store.Settings
		want     string
	}{
		{
			"nothing",
			store.Settings{},
			"reading database.hydra: the database URL has no scheme",
		},
		{
			"a scheme of another database",
			store.Settings{URL: "mysql://me:sesame@db/"},
			"reading database.hydra: the database URL must begin with sqlite://, postgres:// or cockroach://",
		},
		{
			"a folder with a question mark",
			store.Settings{URL: "sqlite:///tmp/why?"},
			"reading database.hydra: the folder of a SQLite database cannot contain a question mark",
		},
		{
			"a name that leaves the folder",
			store.Settings{URL: "sqlite:///tmp", Kratos: store.Database{Name: "../sesame"}},
			`reading database.kratos: the database cannot be named "../sesame"`,
		},
		{
			"a password that ends at its slash",
			store.Settings{URL: "postgres://me:12/sesame@db/"},
			"reading database.hydra: " + malformed,
		},
		{
			"a password that ends at its question mark",
			store.Settings{URL: "postgres://me:12?sesame@db/"},
			"reading database.hydra: " + malformed,
		},
		{
			"a password that ends at its hash sign",
			store.Settings{URL: "postgres://me:12#sesame@db/"},
			"reading database.hydra: " + malformed,
		},
		{
			"a password with a percent sign that begins no escape",
			store.Settings{URL: "postgres://me:100%sesame@db/"},
			"reading database.hydra: " + malformed,
		},
		{
			"a whole URL of Kratos that is malformed",
			store.Settings{URL: "postgres://db/", Kratos: store.Database{URL: "postgres://me:sesame@[db/"}},
			"reading database.kratos: " + malformed,
		},
		{
			"parameters that are not parameters",
			store.Settings{URL: "postgres://me:pw@db/?sesame=%zz"},
			"reading database.hydra: the database URL has malformed parameters after the question mark",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h, k, err := store.Resolve(tt.settings)
			if err == nil {
				t.Fatalf("got %s and %s, want an error", h, k)
			}
			if got := err.Error(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
