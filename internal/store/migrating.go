package store

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// MigratingDSN returns d for the connection that migrates: no statement has a time limit there, since
// an index on a large table takes what it takes, and on CockroachDB 25.1 and newer a transaction is not
// committed behind our back before each change of the schema (docs/ory-quirks.md#q28).
func MigratingDSN(ctx context.Context, d DSN, log *slog.Logger) (DSN, error) {
	if d.dialect == SQLite {
		return d, nil
	}
	set := map[string]string{
		"statement_timeout": "0", "idle_in_transaction_session_timeout": "0", "lock_timeout": "0",
	}
	if d.dialect == Cockroach {
		keeps, err := keepsTransactions(ctx, d, log)
		if err != nil {
			return DSN{}, err
		}
		if keeps {
			set["autocommit_before_ddl"] = "off"
		}
	}
	base, query, _ := strings.Cut(d.Reveal(), "?")
	q, err := url.ParseQuery(query)
	if err != nil {
		return DSN{}, fmt.Errorf("opening %s: its parameters are malformed", d)
	}
	for key, value := range set {
		q.Set(key, value)
	}
	return newDSN(d.dialect, base+"?"+q.Encode()), nil
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
	if err := db.QueryRowContext(ctx, "SELECT version()").Scan(&version); err != nil {
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

var cockroachVersion = regexp.MustCompile(`CockroachDB .*\bv(\d+)\.(\d+)`)

// commitsBeforeDDL reports CockroachDB 25.1 and newer, where autocommit_before_ddl is on.
func commitsBeforeDDL(version string) bool {
	m := cockroachVersion.FindStringSubmatch(version)
	if m == nil {
		return false
	}
	major, _ := strconv.Atoi(m[1])
	return major >= 25
}
