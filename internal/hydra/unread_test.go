package hydra

import (
	"strings"
	"testing"

	"example.com/identityd/internal/sqlseam"
)

// TestHydraReadsNoMigrationsOfItsOwn notices an upgrade that sorts them at every start again
// (docs/ory-quirks.md#q135).
func TestHydraReadsNoMigrationsOfItsOwn(t *testing.T) {
	sqlseam.Register()
	e := open(t, "sqlite://file:unread?_fk=true&cache=shared&mode=memory")
	status, err := e.registry.Persister().MigrationStatus(t.Context())
	if err == nil || !strings.Contains(err.Error(), "unable to find any migrations") {
		t.Errorf("got %d migrations in Hydra's list and error %v, want none at all: the curtain hides nothing", len(status), err)
	}
	if n := len(e.Migrations().Steps()); n < 200 {
		t.Errorf("got %d migrations in ours, want 200 or more", n)
	}
}
