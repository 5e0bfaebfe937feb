package bootstrap

import (
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"example.com/identityd/internal/store"
)

// name quotes an identifier.
func name(s string) string { return pgx.Identifier{s}.Sanitize() }

// literal quotes a text. Both kinds of server take backslashes as they are (standard_conforming_strings).
func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// createRole makes a user that may log in and nothing else.
func createRole(d store.Dialect, role string) string {
	if d == store.Cockroach {
		return "CREATE USER IF NOT EXISTS " + name(role)
	}
	return "CREATE ROLE " + name(role) + " LOGIN"
}

// setPassword takes what Verifier returns, so that the log of the server never sees a password.
func setPassword(d store.Dialect, role, verifier string) string {
	if d == store.Cockroach {
		return "ALTER USER " + name(role) + " WITH PASSWORD " + literal(verifier)
	}
	return "ALTER ROLE " + name(role) + " PASSWORD " + literal(verifier)
}

func createDatabase(d store.Dialect, db string) string {
	if d == store.Cockroach {
		return "CREATE DATABASE IF NOT EXISTS " + name(db)
	}
	return "CREATE DATABASE " + name(db)
}

// own gives a database to its migrating user. On PostgreSQL 15 and newer the owner of a database owns its
// schema public as well, and only the owner may create the extensions that Kratos' migrations ask for.
func own(db Database) string {
	return "ALTER DATABASE " + name(db.Name) + " OWNER TO " + name(db.Migrating)
}

// grants are run inside the database, by somebody who may act for the migrating user.
func grants(d store.Dialect, db Database) []string {
	const rows = "SELECT, INSERT, UPDATE, DELETE"
	database, serving, migrating := name(db.Name), name(db.Serving), name(db.Migrating)
	out := []string{
		// Everybody may connect to a new database, and before PostgreSQL 15 create tables in it.
		"REVOKE ALL ON DATABASE " + database + " FROM PUBLIC",
		"GRANT CONNECT ON DATABASE " + database + " TO " + serving,
		"REVOKE ALL ON SCHEMA public FROM PUBLIC",
		"GRANT USAGE, CREATE ON SCHEMA public TO " + migrating,
		"GRANT USAGE ON SCHEMA public TO " + serving,
		"GRANT " + rows + " ON ALL TABLES IN SCHEMA public TO " + serving,
	}
	if d == store.Cockroach {
		// CockroachDB knows public in lower case only, as a name; ALL TABLES includes sequences there.
		for i := range out {
			out[i] = strings.Replace(out[i], "FROM PUBLIC", "FROM public", 1)
		}
	} else {
		out = append(out, "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "+serving)
	}
	future := "ALTER DEFAULT PRIVILEGES FOR ROLE " + migrating + " IN SCHEMA public GRANT "
	return append(
		out,
		future+rows+" ON TABLES TO "+serving,
		future+"USAGE, SELECT ON SEQUENCES TO "+serving,
	)
}

// Script returns the plan as text for a person who runs it by hand or wants to read it first. It is for an empty
// server: what exists is left out by whoever runs it. Passwords are placeholders.
func (p Plan) Script() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	switch p.Dialect {
	case store.Cockroach:
		line("-- For CockroachDB, as a member of the role admin: cockroach sql -f <this file>")
		line("-- Written from its documentation; the project has not run it on a cluster.")
	default:
		line("-- For PostgreSQL, as a superuser: psql -v ON_ERROR_STOP=1 -f <this file> postgres")
		line("-- A user with CREATEROLE and CREATEDB may run it too, and becomes a member of the migrating users first.")
	}
	line("")
	for _, role := range p.Roles() {
		line("%s;", createRole(p.Dialect, role))
		line("%s;", setPassword(p.Dialect, role, "<password of "+role+">"))
	}
	for _, db := range p.Databases {
		line("")
		line("%s;", createDatabase(p.Dialect, db.Name))
		line("%s;", own(db))
		if p.Dialect == store.Cockroach {
			line("USE %s;", name(db.Name))
		} else {
			line(`\connect %s`, name(db.Name))
		}
		for _, s := range grants(p.Dialect, db) {
			line("%s;", s)
		}
	}
	return b.String()
}
