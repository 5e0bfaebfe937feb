package crdbtest_test

import (
	"net"
	"strconv"
	"sync"
	"testing"

	"example.com/identityd/internal/stacktest"
)

func TestJourney(t *testing.T) {
	_, where := onShared(t)
	stacktest.Start(t, where.options()...).Journey(t, client, 4)
}

// TestJourneyWithInjectedRetries: CockroachDB answers 40001 to the statements of every transaction, three
// times each, as it may at any time. What fails here is written in a transaction that nobody repeats.
func TestJourneyWithInjectedRetries(t *testing.T) {
	s, where := onShared(t)
	url := s.URLWith("inject_retry_errors_enabled", "true")
	stacktest.Start(t, where.with(place{"database.url": url}).options()...).Journey(t, client, 4)
}

// TestJourneyOverTwoReplicas has no affinity: each request is served by the replica that did not serve the
// one before.
func TestJourneyOverTwoReplicas(t *testing.T) {
	_, where := onShared(t)
	public := stacktest.Ports(t, 3)
	address := func(ln net.Listener) string {
		return "http://localhost:" + strconv.Itoa(ln.Addr().(*net.TCPAddr).Port)
	}
	opts := where.with(place{
		"urls.ui": address(public[0]), "urls.hydra": address(public[1]), "urls.kratos": address(public[2]),
	}).options()
	a, b := stacktest.Start(t, opts...), stacktest.Start(t, opts...)
	for i, name := range []string{"ui", "hydra_public", "kratos_public"} {
		stacktest.Proxy(t, public[i], stacktest.Authority{}, "http://"+a.Address(name), "http://"+b.Address(name))
	}
	a.Journey(t, client, 2)
	for replica, s := range map[string]*stacktest.Stack{"first": a, "second": b} {
		if s.Accepted.On(s.Address("hydra_public")) == 0 {
			t.Errorf("the %s replica served nothing", replica)
		}
	}
}

// TestStartsAtOnce: replicas that start together agree on one tenant of each engine and one set of keys.
func TestStartsAtOnce(t *testing.T) {
	s, where := onShared(t)
	hydra, kratos := s.DB(t, one.hydra), s.DB(t, one.kratos)
	keys := count(t, hydra, "SELECT count(*) FROM hydra_jwk")
	var group sync.WaitGroup
	for i := range 4 {
		group.Go(func() {
			t.Run("replica "+strconv.Itoa(i), func(t *testing.T) { stacktest.Start(t, where.options()...) })
		})
	}
	group.Wait()
	if h, k := count(t, hydra, "SELECT count(*) FROM networks"), count(t, kratos, "SELECT count(*) FROM networks"); h != 1 || k != 1 {
		t.Errorf("got %d and %d networks, want one each", h, k)
	}
	if got := count(t, hydra, "SELECT count(*) FROM hydra_jwk"); got != keys {
		t.Errorf("got %d keys, want the %d of before", got, keys)
	}
}
