package kratos

import (
	"context"
	"fmt"
	"log/slog"

	kdriver "github.com/ory/kratos/driver"
	ksql "github.com/ory/kratos/persistence/sql"

	"example.com/identityd/internal/ory"
)

// KnownMigrations lists Kratos' migrations for a kind of database, without one. A persister that
// nobody opens has their files (docs/ory-quirks.md#q155).
func KnownMigrations(ctx context.Context, dialect string) (m *ory.Migrations, err error) {
	err = ory.Guard(name, func() error {
		c, err := ory.Unopened(dialect)
		if err != nil {
			return err
		}
		l := ory.NewLogger(name, "", slog.New(slog.DiscardHandler))
		r := kdriver.NewRegistryDefault()
		r.WithLogger(l)
		r.SetTracer(ory.NewTracing(ory.Watch{}).Otelx(name))
		p, err := ksql.NewPersister(ctx, r, c, ksql.WithDisabledLogging(true))
		if err != nil {
			return fmt.Errorf("listing migrations of kratos: %w", err)
		}
		m, err = ory.ReadMigrations(name, p.MigrationBox().Dir, nil, c, l)
		return err
	})
	return m, err
}
