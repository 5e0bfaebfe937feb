package kratos

import (
	"context"

	"example.com/identityd/internal/ory"
)

// readMigrations lists Kratos' migrations, those of its tenants' table included, for the database that
// the registry has opened. Their files are private to Kratos, but for the merged ones of the list it
// makes of them.
func (e *Engine) readMigrations(ctx context.Context) error {
	p := e.registry.Persister()
	m, err := ory.ReadMigrations(name, p.MigrationBox().Dir, nil, p.GetConnection(ctx), e.registry.Logger())
	if err != nil {
		return err
	}
	e.migrations = m
	return nil
}

// Migrations returns what makes Kratos' tables.
func (e *Engine) Migrations() *ory.Migrations { return e.migrations }

// Used reports whether there is a person. The tables may be missing.
func (e *Engine) Used(ctx context.Context) (bool, error) {
	return ory.AnyRow(ctx, e.registry.Persister().GetConnection(ctx), "identities")
}

// Tenant returns the id of the tenant, or nothing before there is one.
func (e *Engine) Tenant(ctx context.Context) (string, error) {
	return ory.FirstTenant(ctx, e.registry.Persister().GetConnection(ctx))
}
