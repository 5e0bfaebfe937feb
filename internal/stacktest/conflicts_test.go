package stacktest

import (
	"os"
	"testing"

	"example.com/identityd/internal/pgtest"
)

// TestConflictsAreNobodysErrors goes on journeys while three of ten writes meet SQLSTATE 40001.
func TestConflictsAreNobodysErrors(t *testing.T) {
	onlyOnStandIn(t)
	rounds, parallel := 2, 4
	if os.Getenv(LongVariable) == "1" {
		rounds, parallel = 25, 4
	}
	d := newDatabases(t, pgtest.Shared(t))
	s := d.start(t)
	defer Conflicts(t, d.server.URL(), 0.3, d.hydra, d.kratos)()
	for range rounds {
		s.Journey(t, client, parallel)
	}
}
