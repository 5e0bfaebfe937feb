package hydra

import (
	"log/slog"
	"strings"
	"testing"

	"example.com/identityd/internal/ory"
	"example.com/identityd/internal/sqlseam"
)

// TestHydraReadsNoMigrationsOfItsOwn notices an upgrade that sorts them at every start again
// (docs/ory-quirks.md#q135).
func TestHydraReadsNoMigrationsOfItsOwn(t *testing.T) {
	sqlseam.Register()
	c := sample()
	c.DSN = "sqlite://file:unread?_fk=true&cache=shared&mode=memory"
	c.Log, c.Tracing = slog.New(slog.DiscardHandler), ory.NewTracing(ory.Watch{})
	e, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	status, err := e.registry.Persister().MigrationStatus(t.Context())
	if err == nil || !strings.Contains(err.Error(), "unable to find any migrations") {
		t.Errorf("got %d migrations in Hydra's list and error %v, want none at all: the curtain hides nothing", len(status), err)
	}
	if n := len(e.Migrations().Steps()); n < 200 {
		t.Errorf("got %d migrations in ours, want 200 or more", n)
	}
}
