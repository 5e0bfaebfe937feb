package ory

import (
	"context"
	"fmt"

	"github.com/ory/x/popx"
)

// Migrator is the part of an engine's persister that owns its schema.
type Migrator interface {
	MigrationStatus(ctx context.Context) (popx.MigrationStatuses, error)
	MigrateUp(ctx context.Context) error
}

// SchemaState counts the migrations of one database.
type SchemaState struct {
	Applied int
	Pending int
}

// ReadSchemaState asks the database which migrations it has.
func ReadSchemaState(ctx context.Context, m Migrator) (SchemaState, error) {
	statuses, err := m.MigrationStatus(ctx)
	if err != nil {
		return SchemaState{}, fmt.Errorf("reading migration status: %w", err)
	}
	var s SchemaState
	for _, st := range statuses {
		if st.State == popx.Pending {
			s.Pending++
		} else {
			s.Applied++
		}
	}
	return s, nil
}
