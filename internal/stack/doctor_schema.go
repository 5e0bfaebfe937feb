package stack

import (
	"context"
	"database/sql"
	"fmt"

	"example.com/identityd/internal/doctor"
	"example.com/identityd/internal/hydra"
	"example.com/identityd/internal/kratos"
	"example.com/identityd/internal/ory"
	"example.com/identityd/internal/store"
)

// doctorSchema compares what both databases have recorded with what this binary knows. No engine is opened for
// it: that could write.
func doctorSchema(version string, d store.Dialect) func(context.Context, *sql.DB, *sql.DB) (doctor.Schema, error) {
	return func(ctx context.Context, hydraDB, kratosDB *sql.DB) (doctor.Schema, error) {
		l := look{engines: map[string]ory.SchemaState{}}
		var err error
		if l.own, err = store.ReadSchema(ctx, kratosDB, d); err != nil {
			return doctor.Schema{}, err
		}
		ofHydra, err := hydra.KnownMigrations(string(d))
		if err != nil {
			return doctor.Schema{}, err
		}
		ofKratos, err := kratos.KnownMigrations(ctx, string(d))
		if err != nil {
			return doctor.Schema{}, err
		}
		out := doctor.Schema{}
		for _, one := range []struct {
			m  *ory.Migrations
			db *sql.DB
		}{{ofHydra, hydraDB}, {ofKratos, kratosDB}} {
			recorded, err := recordedMigrations(ctx, one.db, d)
			if err != nil {
				return doctor.Schema{}, fmt.Errorf("reading which migrations the %s database has: %w", one.m.Engine(), err)
			}
			out.Empty = out.Empty || len(recorded) == 0
			l.engines[one.m.Engine()] = one.m.StateOf(recorded)
		}
		out.Pending, out.Newer, out.Release = l.pending(), l.own.Newer(), l.own.NewestRelease()
		if err := l.guard(version); err != nil {
			out.Refused = err.Error()
		}
		return out, nil
	}
}

// recordedMigrations are those that a database has, none where it is empty.
func recordedMigrations(ctx context.Context, db *sql.DB, d store.Dialect) ([]string, error) {
	rows, err := db.QueryContext(ctx, "SELECT version FROM schema_migration")
	if store.TableMissing(err, d) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var v string
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	if err := rows.Err(); !store.TableMissing(err, d) { // SQLite finds out at the first row
		return out, err
	}
	return nil, nil
}
