package stacktest

import (
	"net"
	"strconv"
	"strings"
	"testing"

	"example.com/identityd/internal/pgtest"
)

// tomorrow is what the migrations of a newer release leave behind: columns that this one does not know,
// records of both engines, and a step of identityd that says from which schema on a process may serve.
func tomorrow(t *testing.T, urls map[string]string, version, compatibleFrom int, release string) {
	t.Helper()
	stamp := "2099010" + strconv.Itoa(version%10) + "000000000000"
	column := "tomorrow_" + strconv.Itoa(version)
	kratos, hydra := open(t, urls["kratos"]), open(t, urls["hydra"])
	if _, err := kratos.ExecContext(t.Context(), "INSERT INTO identityd_schema (version, name, release, compatible_from) VALUES ($1, $2, $3, $4)",
		version, "of tomorrow", release, compatibleFrom); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{
		"identities", "identity_credentials", "identity_verifiable_addresses", "sessions", "session_devices",
		"selfservice_login_flows", "selfservice_registration_flows", "selfservice_settings_flows", "networks", "courier_messages",
	} {
		runSQL(t, kratos, "ALTER TABLE "+table+" ADD COLUMN "+column+" TEXT")
	}
	for _, table := range []string{
		"hydra_client", "hydra_oauth2_flow", "hydra_oauth2_authentication_session", "hydra_oauth2_access", "hydra_oauth2_refresh",
		"hydra_oauth2_code", "hydra_oauth2_oidc", "hydra_oauth2_pkce", "hydra_oauth2_logout_request", "hydra_jwk", "networks",
	} {
		runSQL(t, hydra, "ALTER TABLE "+table+" ADD COLUMN "+column+" TEXT")
	}
	for _, db := range []string{"kratos", "hydra"} {
		runSQL(t, open(t, urls[db]), "INSERT INTO schema_migration (version) VALUES ('"+stamp+"')")
	}
}

// TestRollingUpgradeAndRollback goes on journeys over three replicas, each request on another one, while
// a newer release migrates beside them; then over old processes that find the newer schema at their
// start, and back. There is no newer release yet: what it would leave in the databases is written by
// the test.
func TestRollingUpgradeAndRollback(t *testing.T) {
	notOnStandIn(t, migrates)
	where, urls := ownedDatabases(t, pgtest.Shared(t))
	public := Ports(t, 3)
	at := func(ln net.Listener) string {
		return "http://localhost:" + strconv.Itoa(ln.Addr().(*net.TCPAddr).Port)
	}
	opts := append(where, Set("database.pool.max_open", "8"),
		Set("urls.ui", at(public[0])), Set("urls.hydra", at(public[1])), Set("urls.kratos", at(public[2])))
	names := []string{"ui", "hydra_public", "kratos_public"}
	var balancers []*Balancer
	for i := range names {
		balancers = append(balancers, Proxy(t, public[i], Authority{}))
	}
	over := func(stacks ...*Stack) {
		t.Helper()
		for i, name := range names {
			var backends []string
			for _, s := range stacks {
				backends = append(backends, "http://"+s.Address(name))
			}
			balancers[i].To(t, backends...)
		}
	}
	whole := t // stacks outlive the part of the test that starts them
	a, b, c := Start(t, opts...), Start(t, opts...), Start(t, opts...)
	over(a, b, c)
	var known int
	if err := open(t, urls["kratos"]).QueryRowContext(t.Context(), "SELECT max(version) FROM identityd_schema").Scan(&known); err != nil {
		t.Fatal(err)
	}
	t.Run("a newer release migrates while the old one serves", func(t *testing.T) {
		done := make(chan struct{})
		go func() {
			defer close(done)
			a.Journey(t, client, 4)
		}()
		tomorrow(t, urls, known+1, known, "9.0.0")
		<-done
		a.Journey(t, client, 3)
	})
	t.Run("half of the replicas start on the newer schema", func(t *testing.T) {
		if err := c.Stop(); err != nil {
			t.Fatal(err)
		}
		c = Start(whole, opts...)
		over(a, b, c)
		a.Journey(t, client, 3)
	})
	t.Run("and back: the others are replaced by processes of before the upgrade", func(t *testing.T) {
		for _, s := range []*Stack{a, b} {
			if err := s.Stop(); err != nil {
				t.Fatal(err)
			}
		}
		a, b = Start(whole, opts...), Start(whole, opts...)
		over(a, b, c)
		a.Journey(t, client, 3)
	})
	t.Run("a schema for newer ones only is refused, and named, while those that run go on", func(t *testing.T) {
		tomorrow(t, urls, known+2, known+2, "9.1.0")
		s := Begin(t, opts...)
		err := s.End(t)
		if err == nil || !strings.Contains(err.Error(), "use identityd 9.1.0 or newer") {
			t.Errorf("got %v, want the release to use", err)
		}
		a.Journey(t, client, 2)
	})
	for name, s := range map[string]*Stack{"first": a, "second": b, "third": c} {
		if got := s.Accepted.On(s.Address("ui")); got == 0 {
			t.Errorf("the %s replica's pages served nothing", name)
		}
		if log := s.Log.String(); strings.Contains(log, "cached plan must not change result type") {
			t.Logf("the %s replica met a changed statement", name)
		}
	}
}

// TestUnknownMigrationsOfAnEngine refuses what no release of identityd has recorded.
func TestUnknownMigrationsOfAnEngine(t *testing.T) {
	notOnStandIn(t, migrates)
	where, urls := ownedDatabases(t, pgtest.Shared(t))
	s := Start(t, where...)
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	runSQL(t, open(t, urls["hydra"]), "INSERT INTO schema_migration (version) VALUES ('20990101000000000000')")
	err := Begin(t, where...).End(t)
	if err == nil || !strings.Contains(err.Error(), "the hydra database has 1 migration that identityd test does not know, the last one 20990101000000000000") {
		t.Errorf("got %v, want the migration", err)
	}
}
