package store_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/store"
)

// serverDSN is a database of PostgreSQL under a scheme, made for the test.
func serverDSN(t *testing.T, scheme string, change func(*url.URL)) store.DSN {
	t.Helper()
	server := pgtest.Shared(t)
	name, _ := server.Databases(t)
	u, err := url.Parse(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	u.Scheme = "postgres"
	made := resolveOne(t, u.String(), name)
	log, _ := newLog()
	if err := store.Wait(t.Context(), made, store.WaitOptions{Create: true, Log: log}); err != nil {
		t.Fatal(err)
	}
	u.Scheme = scheme
	if change != nil {
		change(u)
	}
	return resolveOne(t, u.String(), name)
}

func resolveOne(t *testing.T, url, name string) store.DSN {
	t.Helper()
	d, _, err := store.Resolve(store.Settings{URL: url, Hydra: store.Database{Name: name}, Pool: pool()})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestInspect(t *testing.T) {
	t.Run("PostgreSQL tells its version, its level and its room", func(t *testing.T) {
		r, err := store.Inspect(t.Context(), serverDSN(t, "postgres", nil))
		if err != nil {
			t.Fatal(err)
		}
		if r.Server.Dialect != store.Postgres || r.Server.Version.Major < 12 || r.Isolation != store.ReadCommitted {
			t.Errorf("got %+v", r)
		}
		if r.Connections < 1 || r.License != (store.License{}) {
			t.Errorf("got %d connections and license %v, want some and none", r.Connections, r.License)
		}
	})
	t.Run("a stricter default is found, and may be set aside for our own connections", func(t *testing.T) {
		strict := serverDSN(t, "postgres", func(u *url.URL) {
			q := u.Query()
			q.Set("options", "-c default_transaction_isolation=serializable")
			u.RawQuery = q.Encode()
		})
		r, err := store.Inspect(t.Context(), strict)
		if err != nil {
			t.Fatal(err)
		}
		if r.Isolation != "serializable" || len(r.Findings) == 0 || !strings.Contains(r.Findings[len(r.Findings)-1].Reason, "serializable") {
			t.Errorf("got %q and %v, want a finding about it", r.Isolation, r.Findings)
		}
		if r, err = store.Inspect(t.Context(), strict.WithIsolation(store.ReadCommitted)); err != nil || r.Isolation != store.ReadCommitted {
			t.Errorf("set aside: got %q, %v", r.Isolation, err)
		}
	})
	t.Run("cockroach:// on PostgreSQL is refused", func(t *testing.T) {
		d := serverDSN(t, "cockroach", nil)
		_, err := store.Inspect(t.Context(), d)
		m := store.IsMismatch(err)
		if m == nil {
			t.Fatalf("got %v, want a mismatch", err)
		}
		if m.Want() != "postgres://" || !strings.HasSuffix(err.Error(), "the URL has to begin with postgres://") {
			t.Errorf("got %q: %v", m.Want(), err)
		}
		u, err := url.Parse(d.Reveal())
		if err != nil {
			t.Fatal(err)
		}
		password, _ := u.User.Password()
		if strings.Contains(m.Error(), password) || strings.Contains(m.Error(), url.QueryEscape(password)) {
			t.Errorf("the message holds the password: %v", m)
		}
	})
	t.Run("it is refused before a database is made or waited for", func(t *testing.T) {
		server := pgtest.Shared(t)
		name, _ := server.Databases(t)
		for _, create := range []bool{true, false} {
			log, _ := newLog()
			d := resolveOne(t, "cockroach"+strings.TrimPrefix(server.URL(), "postgres"), name)
			err := store.Wait(t.Context(), d, store.WaitOptions{Create: create, Log: log, Timeout: time.Minute})
			if store.IsMismatch(err) == nil {
				t.Errorf("create %v: got %v, want a mismatch", create, err)
			}
		}
	})
	t.Run("SQLite has nothing to tell", func(t *testing.T) {
		r, err := store.Inspect(t.Context(), resolveOne(t, "sqlite://"+t.TempDir(), "x"))
		want := store.Report{Server: store.Server{Dialect: store.SQLite, Product: "SQLite"}}
		if diff := cmp.Diff(want, r); err != nil || diff != "" {
			t.Errorf("%v (-want +got)\n%s", err, diff)
		}
	})
}

// TestConnectionsCarryTheirSettings asks the server, not the DSN.
func TestConnectionsCarryTheirSettings(t *testing.T) {
	server := pgtest.Shared(t)
	name, _ := server.Databases(t)
	settings := store.Settings{URL: server.URL(), Hydra: store.Database{Name: name}, Pool: pool(), Region: "eu west-1"}
	d, _, err := store.Resolve(settings)
	if err != nil {
		t.Fatal(err)
	}
	log, _ := newLog()
	if err := store.Wait(t.Context(), d, store.WaitOptions{Create: true, Log: log}); err != nil {
		t.Fatal(err)
	}
	settings.URL += "&statement_timeout=&idle_in_transaction_session_timeout=2min"
	chosen, _, err := store.Resolve(settings)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		dsn  store.DSN
		want [3]string
	}{
		"a serving connection":          {d, [3]string{"identityd/hydra/eu west-1", "15s", "30s"}},
		"a migration":                   {d.ForMigrations(), [3]string{"identityd/hydra/eu west-1/migrations", "0", "0"}},
		"what the URL says comes first": {chosen, [3]string{"identityd/hydra/eu west-1", "0", "2min"}},
	} {
		t.Run(name, func(t *testing.T) {
			db, err := store.Open(tt.dsn, "")
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			var got [3]string
			for i, key := range []string{"application_name", "statement_timeout", "idle_in_transaction_session_timeout"} {
				if err := db.QueryRowContext(t.Context(), "SHOW "+key).Scan(&got[i]); err != nil {
					t.Fatal(err)
				}
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
