package stacktest

import (
	"net/url"
	"path/filepath"
	"testing"

	"example.com/identityd/internal/pgtest"
)

// TestTheURLMayNameSeveralServers: both engines, the seam and our own pools go on to the next host when one
// is away, as the nodes of a CockroachDB cluster may be.
func TestTheURLMayNameSeveralServers(t *testing.T) {
	notOnStandIn(t, itsScheme)
	server := pgtest.Shared(t)
	hydra, kratos := server.Databases(t)
	u, err := url.Parse(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	u.Host = "127.0.0.1:1," + u.Host
	Start(
		t, Set("data_dir", filepath.Join(t.TempDir(), "data")), Set("database.url", u.String()),
		Set("database.hydra.name", hydra), Set("database.kratos.name", kratos),
	).Journey(t, client, 1)
}
