package hydra

import (
	"context"
	"embed"
	"fmt"

	hsql "github.com/ory/hydra/v2/persistence/sql"

	"example.com/identityd/internal/ory"
)

// overlay are the four files of which upstream's text fails on CockroachDB 25.1 and newer: it drops a
// primary key in one statement and adds it in the next (docs/ory-quirks.md#q28). The paths are
// upstream's. No file of it was ever run on CockroachDB by us.
//
//go:embed migrations/*.sql
var overlay embed.FS

// readMigrations lists Hydra's migrations for the database that the registry has opened.
func (e *Engine) readMigrations(ctx context.Context) error {
	p := e.registry.Persister()
	m, err := ory.ReadMigrations(name, hsql.Migrations, overlay, p.Connection(ctx), e.registry.Logger())
	if err != nil {
		return err
	}
	// Databases of Hydra before 1.0 recorded their migrations elsewhere.
	m.Before = p.PrepareMigration
	e.migrations = m
	return nil
}

// Migrations returns what makes Hydra's tables.
func (e *Engine) Migrations() *ory.Migrations { return e.migrations }

// Used reports whether a process got as far as making keys, or somebody made a client. The tables may
// be missing. A first start that was interrupted leaves neither.
func (e *Engine) Used(ctx context.Context) (bool, error) {
	c := e.registry.Persister().Connection(ctx)
	return ory.AnyRow(ctx, c, "hydra_jwk", "hydra_client")
}

// Tenant returns the id of the tenant, or nothing before there is one.
func (e *Engine) Tenant(ctx context.Context) (string, error) {
	return ory.FirstTenant(ctx, e.registry.Persister().Connection(ctx))
}

// Keys counts the signing keys of each set.
func (e *Engine) Keys(ctx context.Context) (map[string]int, error) {
	var rows []struct {
		Set   string `db:"sid"`
		Count int    `db:"count"`
	}
	err := e.registry.Persister().Connection(ctx).WithContext(ctx).
		RawQuery("SELECT sid, count(*) AS count FROM hydra_jwk GROUP BY sid").All(&rows)
	if err != nil && !ory.MissingTable(err) {
		return nil, fmt.Errorf("counting signing keys: %w", err)
	}
	keys := map[string]int{}
	for _, r := range rows {
		keys[r.Set] = r.Count
	}
	return keys, nil
}
