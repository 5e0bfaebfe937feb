package stacktest

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"example.com/identityd/internal/baseline"
	"example.com/identityd/internal/store"
)

// origin is the schema that baselines are made in on a server. Its name occurs nowhere else, so that
// it can be taken out of the text again: a baseline goes where the search_path leads.
const origin = "baseline_origin"

// Hydra's migrations make the tenant's row, with an id by chance. So does its baseline, or all
// installations would be one tenant (docs/ory-quirks.md#q34).
var (
	tenantRow = regexp.MustCompile(`(?s)INSERT INTO networks .*?;\n`)
	tenantID  = regexp.MustCompile(`'[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}'`)
)

const (
	randomOnServer = "gen_random_uuid()"
	randomOnSQLite = `lower(printf('%s-%s-4%s-%s%s-%s', hex(randomblob(4)), hex(randomblob(2)), substr(hex(randomblob(2)), 2),
	substr('89AB', 1 + (random() & 3), 1), substr(hex(randomblob(2)), 2), hex(randomblob(6))))`
)

// writeBaseline writes the file of an engine from a database that was just migrated.
func writeBaseline(t *testing.T, d database) {
	t.Helper()
	header := fmt.Sprintf("-- The schema of Ory %s (Apache License 2.0) on %s, made by \"make baseline\" from\n"+
		"-- its %d migrations. Do not edit.\n",
		strings.ToUpper(d.engine[:1])+d.engine[1:], d.dsn.Dialect(), countRows(t, d.db, "schema_migration"))
	path := filepath.Join("..", "baseline", "sql", baseline.File(d.engine, d.dsn.Dialect()))
	if err := os.WriteFile(path, []byte(header+d.dump(t)), 0o644); err != nil { //nolint:gosec // a source file
		t.Fatal(err)
	}
	t.Logf("wrote %s", path)
}

// dump returns the database as statements that make another one like it.
func (d database) dump(t *testing.T) string {
	t.Helper()
	var script, random string
	switch d.dsn.Dialect() {
	case store.SQLite:
		script, random = dumpSQLite(t, d), randomOnSQLite
	case store.Postgres:
		script, random = dumpPostgres(t, d), randomOnServer
	case store.Cockroach:
		script, random = dumpCockroach(t, d), randomOnServer
	}
	return tenantRow.ReplaceAllStringFunc(script, func(insert string) string {
		return tenantID.ReplaceAllLiteralString(insert, random)
	})
}

// dumpSQLite keeps the very text of each object. What has none (the indexes of constraints) comes with
// its table, and what is SQLite's own comes by itself.
func dumpSQLite(t *testing.T, d database) string {
	var out strings.Builder
	for _, text := range lines(t, d.db, `SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
		ORDER BY CASE type WHEN 'table' THEN 1 WHEN 'view' THEN 2 WHEN 'index' THEN 3 ELSE 4 END, rowid`) {
		out.WriteString(text + ";\n")
	}
	for _, table := range tables(t, d) {
		out.WriteString(insertAll(t, d, table, "rowid"))
	}
	return out.String()
}

// dumpCockroach asks the cluster for statements that it takes back.
func dumpCockroach(t *testing.T, d database) string {
	var out strings.Builder
	for _, query := range []string{"SHOW CREATE ALL TYPES", "SHOW CREATE ALL TABLES"} {
		for _, text := range lines(t, d.db, query) {
			if strings.Contains(text, " VALIDATE CONSTRAINT ") {
				continue // they are made valid, on tables that are empty
			}
			out.WriteString(strings.ReplaceAll(strings.TrimRight(text, "; \n"), origin+".", "") + ";\n")
		}
	}
	for _, table := range tables(t, d) {
		out.WriteString(insertAll(t, d, table, "1"))
	}
	return out.String()
}
