package store

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
)

// MigratingDSN returns d for the connection that migrates: no statement has a time limit there, since
// an index on a large table takes what it takes, and on CockroachDB 25.1 and newer a transaction is not
// committed behind our back before each change of the schema (docs/ory-quirks.md#q28).
func MigratingDSN(ctx context.Context, d DSN, log *slog.Logger) (DSN, error) {
	if d.dialect == SQLite {
		return d, nil
	}
	bare := d.ForMigrations()
	if d.dialect == Cockroach {
		keeps, err := keepsTransactions(ctx, bare, log)
		if err != nil {
			return DSN{}, err
		}
		if keeps {
			bare = bare.edit(func(q url.Values) { q.Set("autocommit_before_ddl", "off") })
		}
	}
	return bare, nil
}

// keepsTransactions asks a CockroachDB that may commit by itself whether it can be told not to. The
// setting is tried first, because a server that does not know it would refuse the whole connection.
func keepsTransactions(ctx context.Context, d DSN, log *slog.Logger) (bool, error) {
	db, err := Open(d, "")
	if err != nil {
		return false, err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	var version string
	if err := db.QueryRowContext(ctx, versionStatement).Scan(&version); err != nil {
		return false, fmt.Errorf("asking %s for its version: %w", d, err)
	}
	if !commitsBeforeDDL(version) {
		return false, nil
	}
	if _, err := db.ExecContext(ctx, "SET autocommit_before_ddl = off"); err != nil {
		log.WarnContext(ctx, "the database does not know autocommit_before_ddl; a crash may leave a migration unrecorded",
			"database", d, "err", err)
		return false, nil
	}
	return true, nil
}

// commitsBeforeDDL reports CockroachDB 25.1 and newer, where autocommit_before_ddl is on.
func commitsBeforeDDL(version string) bool {
	s := ParseServer(version)
	return s.Dialect == Cockroach && !s.Version.Before(25, 1)
}
