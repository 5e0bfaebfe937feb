package hydra

import (
	"log/slog"

	hsql "github.com/ory/hydra/v2/persistence/sql"

	"example.com/identityd/internal/ory"
)

// KnownMigrations lists Hydra's migrations for a kind of database, without one.
func KnownMigrations(dialect string) (*ory.Migrations, error) {
	c, err := ory.Unopened(dialect)
	if err != nil {
		return nil, err
	}
	return ory.ReadMigrations(name, hsql.Migrations, overlay, c, ory.NewLogger(name, "", slog.New(slog.DiscardHandler)))
}
