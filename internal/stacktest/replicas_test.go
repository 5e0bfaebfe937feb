package stacktest

import (
	"net"
	"strconv"
	"testing"

	"example.com/identityd/internal/pgtest"
)

// TestJourneyOverTwoReplicas goes on the journey through a balancer without affinity: each request is
// served by the replica that did not serve the one before.
func TestJourneyOverTwoReplicas(t *testing.T) {
	public := Ports(t, 3)
	at := func(ln net.Listener) string {
		return "http://localhost:" + strconv.Itoa(ln.Addr().(*net.TCPAddr).Port)
	}
	// One data folder: in development the secrets live there, and replicas share theirs.
	opts := append(onPostgres(t, pgtest.Shared(t)),
		Set("urls.ui", at(public[0])), Set("urls.hydra", at(public[1])), Set("urls.kratos", at(public[2])))
	a, b := Start(t, opts...), Start(t, opts...)
	for i, name := range []string{"ui", "hydra_public", "kratos_public"} {
		Proxy(t, public[i], Authority{}, "http://"+a.Address(name), "http://"+b.Address(name))
	}
	a.Journey(t, client, 2)
	for replica, s := range map[string]*Stack{"first": a, "second": b} {
		for _, listener := range []string{"ui", "hydra_public", "kratos_public"} {
			if got := s.Accepted.On(s.Address(listener)); got == 0 {
				t.Errorf("the %s replica's %s served nothing", replica, listener)
			}
		}
	}
}
