package stacktest

import (
	"net"
	"strconv"
	"testing"

	"example.com/identityd/internal/pgtest"
)

// replicas starts two on PostgreSQL, behind a balancer that gives each request to the one that did not get the one
// before. The addresses of the first are those of the balancer.
func replicas(t *testing.T, opts ...Option) (first, second *Stack) {
	t.Helper()
	public := Ports(t, 3)
	return replicasAt(t, public, opts...)
}

// replicasAt is replicas, where the addresses have to be known before.
func replicasAt(t *testing.T, public []net.Listener, opts ...Option) (first, second *Stack) {
	t.Helper()
	all := append(onPostgres(t, pgtest.Shared(t)),
		Set("urls.ui", localhost(public[0])), Set("urls.hydra", localhost(public[1])), Set("urls.kratos", localhost(public[2])))
	all = append(all, opts...)
	first, second = Start(t, all...), Start(t, all...)
	for i, name := range []string{"ui", "hydra_public", "kratos_public"} {
		Proxy(t, public[i], Authority{}, "http://"+first.Address(name), "http://"+second.Address(name))
	}
	return first, second
}

func localhost(ln net.Listener) string {
	return "http://localhost:" + strconv.Itoa(ln.Addr().(*net.TCPAddr).Port)
}
