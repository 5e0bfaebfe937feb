package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Report is what a server told about itself.
type Report struct {
	Server Server
	// Isolation is the level of a transaction that asks for none, in lower case.
	Isolation string
	// License is set on CockroachDB only.
	License License
	// Connections is how many an ordinary user may open, all processes together; 0 where there is no limit
	// or nobody tells.
	Connections int
	// Findings are what an operator should know, the refusals first.
	Findings []Finding
}

// Inspect asks a server what it is. A *MismatchError says that the URL is for another kind of server; what
// the user may not read is left out.
func Inspect(ctx context.Context, d DSN) (Report, error) {
	if d.dialect == SQLite {
		return Report{Server: Server{Dialect: SQLite, Product: "SQLite"}}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, tryTimeout)
	defer cancel()
	db, err := Open(d, "")
	if err != nil {
		return Report{}, err
	}
	defer db.Close()
	var answer string
	if err := db.QueryRowContext(ctx, versionStatement).Scan(&answer); err != nil {
		return Report{}, fmt.Errorf("asking %s for its version: %w", d, err)
	}
	r := Report{Server: ParseServer(answer)}
	if err := r.Server.check(d); err != nil {
		return Report{}, err
	}
	now := time.Now()
	r.Findings = Faults(r.Server, now)
	if r.Isolation, err = setting(ctx, db, "SHOW default_transaction_isolation"); err != nil {
		return Report{}, fmt.Errorf("asking %s for its isolation level: %w", d, err)
	}
	r.Isolation = strings.ToLower(r.Isolation)
	switch r.Server.Dialect {
	case Cockroach:
		r.License = readLicense(ctx, db)
		r.Findings = append(r.Findings, r.License.check(r.Server, now)...)
	default:
		r.Connections = readConnections(ctx, db)
	}
	r.Findings = append(r.Findings, checkIsolation(r)...)
	return r, nil
}

// checkWithoutDatabase asks a server what it is where the database is missing, so that none is made, or waited
// for, on the wrong kind. Both kinds have a database named postgres; who may not enter it learns nothing.
func checkWithoutDatabase(ctx context.Context, d DSN) error {
	db, err := Open(d, "postgres")
	if err != nil {
		return err
	}
	defer db.Close()
	var answer string
	if err := db.QueryRowContext(ctx, versionStatement).Scan(&answer); err != nil {
		return nil //nolint:nilerr // the missing database is the news
	}
	return ParseServer(answer).check(d)
}

// setting reads one value. Both kinds of server know SHOW, and answer text.
func setting(ctx context.Context, db *sql.DB, statement string) (string, error) {
	var value string
	err := db.QueryRowContext(ctx, statement).Scan(&value)
	return value, err
}

func readLicense(ctx context.Context, db *sql.DB) License {
	key, err := setting(ctx, db, "SHOW CLUSTER SETTING enterprise.license")
	if err != nil { // most likely not permitted, which is right for a serving role
		return License{Kind: unknownLicense}
	}
	return parseLicense(key)
}

// readConnections counts what is left to ordinary users, by all databases of the server together.
func readConnections(ctx context.Context, db *sql.DB) int {
	value, err := setting(ctx, db, `SELECT sum(CASE name WHEN 'max_connections' THEN setting::int ELSE -setting::int END)
		FROM pg_settings WHERE name IN ('max_connections', 'superuser_reserved_connections', 'reserved_connections')`)
	if err != nil { // a fork
		return 0
	}
	return max(number(value), 0)
}

// ReadCommitted is the level that the engines are written for on PostgreSQL.
const ReadCommitted = "read committed"

// checkIsolation: on PostgreSQL the engines do not repeat what a stricter level refuses. On CockroachDB they do,
// and a weaker level lets through what SERIALIZABLE stops.
func checkIsolation(r Report) []Finding {
	switch {
	case r.Server.Dialect == Cockroach && r.Isolation != "serializable" && r.Isolation != "default":
		return []Finding{{
			Reason: "transactions run at " + r.Isolation + " by default, which lets two uses of one code pass at once",
			Cure:   "ALTER ROLE ALL SET default_transaction_isolation = 'serializable'",
		}}
	case r.Server.Dialect != Cockroach && r.Isolation != ReadCommitted:
		return []Finding{{
			Reason: "transactions run at " + r.Isolation + " by default, and the engines do not repeat what that refuses",
			Cure:   "none needed: identityd asks for read committed on its own connections",
		}}
	}
	return nil
}

// WithIsolation returns the DSN with another default for transactions, unless its owner chose one.
func (d DSN) WithIsolation(level string) DSN { return d.with("default_transaction_isolation", level) }

// FreeConnections returns how many connections a PostgreSQL server still has for ordinary users, and of how many.
func FreeConnections(ctx context.Context, db *sql.DB) (free, all int, err error) {
	if all = readConnections(ctx, db); all == 0 {
		return 0, 0, errors.New("the server does not say how many connections it has")
	}
	var used int
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'").Scan(&used); err != nil {
		return 0, 0, fmt.Errorf("counting connections: %w", err)
	}
	return all - used, all, nil
}
