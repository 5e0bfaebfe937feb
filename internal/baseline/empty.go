package baseline

import (
	"context"
	"database/sql"

	"example.com/identityd/internal/store"
)

// Queries for one row with one number: how many tables and the like there are that are not ours.
const (
	othersSQLite = `SELECT count(*) FROM sqlite_master
		WHERE tbl_name NOT LIKE 'sqlite\_%' ESCAPE '\' AND tbl_name NOT LIKE 'identityd\_%' ESCAPE '\'`

	// Everything that unqualified names can find: tables, views, sequences, indexes. The relations of an
	// extension (pg_stat_statements) belong to the server rather than to an application.
	othersPostgres = `SELECT count(*) FROM pg_catalog.pg_class c
		JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = ANY (pg_catalog.current_schemas(false))
			AND c.relname NOT LIKE 'identityd\_%'
			AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
				WHERE e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND e.objid = c.oid AND e.deptype = 'e')`

	// CockroachDB has relations of its own nowhere but in its catalogs.
	othersCockroach = `SELECT count(*) FROM information_schema.tables
		WHERE table_schema = ANY (current_schemas(false)) AND table_name NOT LIKE 'identityd\_%'`
)

func isEmpty(ctx context.Context, tx *sql.Tx, d store.Dialect) (bool, error) {
	query := othersPostgres
	switch d {
	case store.SQLite:
		query = othersSQLite
	case store.Cockroach:
		query = othersCockroach
	}
	var others int
	err := tx.QueryRowContext(ctx, query).Scan(&others)
	return others == 0, err
}
