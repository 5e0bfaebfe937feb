package kratos

import (
	"io/fs"
	"log/slog"
	"testing"

	"example.com/identityd/configs"
	"example.com/identityd/internal/ory"
	"example.com/identityd/internal/sqlseam"
)

// opened opens Kratos on a database in memory, which is empty.
func opened(t *testing.T, database string, change func(*Config)) *Engine {
	t.Helper()
	sqlseam.Register()
	schema, err := fs.ReadFile(configs.FS(), "identity.email-v1.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	c := sample()
	c.Schemas = []Schema{{ID: "email@1", Raw: schema}}
	c.DSN = "sqlite://file:" + database + "?_fk=true&cache=shared&mode=memory"
	c.Log, c.Tracing = slog.New(slog.DiscardHandler), ory.NewTracing(ory.Watch{})
	if change != nil {
		change(&c)
	}
	e, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// TestKratosReadsNoMigrationsOfItsOwn notices an upgrade that sorts them at every start again
// (docs/ory-quirks.md#q135).
func TestKratosReadsNoMigrationsOfItsOwn(t *testing.T) {
	e := opened(t, "unread", nil)
	if n := len(e.registry.Persister().MigrationBox().Migrations["up"]); n != 0 {
		t.Errorf("got %d migrations in Kratos' list, want none: the curtain hides nothing", n)
	}
	if n := len(e.Migrations().Steps()); n < 600 {
		t.Errorf("got %d migrations in ours, want 600 or more", n)
	}
}
