package stacktest

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/identityd/internal/store"
)

// snapshot is everything that a database holds, as lines by subject, in an order that does not depend
// on how it came to be. It asks the catalogs and not pg_dump, which made the baselines.
type snapshot map[string][]string

func snap(t testing.TB, d database) snapshot {
	t.Helper()
	queries := catalogPostgres()
	switch d.dsn.Dialect() {
	case store.SQLite:
		queries = catalogSQLite(tables(t, d))
	case store.Cockroach:
		queries = map[string]string{
			"tables": "SHOW CREATE ALL TABLES", "types": "SHOW CREATE ALL TYPES",
		}
	}
	out := snapshot{}
	for subject, query := range queries {
		out[subject] = lines(t, d.db, query)
		for i, line := range out[subject] { // CockroachDB names it in definitions
			out[subject][i] = strings.ReplaceAll(line, d.schema+".", "")
		}
		slices.Sort(out[subject])
	}
	for _, table := range tables(t, d) {
		_, query := literals(t, d, table, "1")
		rows := lines(t, d.db, query)
		if table == "networks" {
			rows = anyTenant(t, rows)
		}
		slices.Sort(rows)
		out["rows of "+table] = rows
	}
	return out
}

var randomID = regexp.MustCompile(`^'[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}', `)

// anyTenant takes the id, which must differ, out of the tenant's row.
func anyTenant(t testing.TB, rows []string) []string {
	t.Helper()
	for i, row := range rows {
		if !randomID.MatchString(row) {
			t.Errorf("networks: %s does not begin with a random UUID", row)
		}
		rows[i] = randomID.ReplaceAllString(row, "'random', ")
	}
	return rows
}

// counts tells how much there was to compare.
func (s snapshot) counts() string {
	var out []string
	for _, subject := range slices.Sorted(maps.Keys(s)) {
		if n := len(s[subject]); n > 0 && !strings.HasPrefix(subject, "rows of ") {
			out = append(out, fmt.Sprintf("%s %d", subject, n))
		}
	}
	return strings.Join(out, ", ")
}

func catalogSQLite(tables []string) map[string]string {
	out := map[string]string{
		"objects": "SELECT type, name, tbl_name, sql FROM sqlite_master",
		"numbers": "SELECT u.user_version, a.application_id FROM pragma_user_version u, pragma_application_id a",
	}
	for _, table := range tables {
		name := "'" + table + "'"
		out["columns of "+table] = "SELECT * FROM pragma_table_xinfo(" + name + ")"
		out["foreign keys of "+table] = "SELECT * FROM pragma_foreign_key_list(" + name + ")"
		out["indexes of "+table] = `SELECT l.*, x.* FROM pragma_index_list(` + name + `) l, pragma_index_xinfo(l.name) x`
	}
	return out
}

// catalogPostgres asks for what is in the schema that unqualified names lead to; the catalog's
// functions then leave its name out of definitions.
func catalogPostgres() map[string]string {
	const here = "pg_catalog.to_regnamespace(pg_catalog.quote_ident(current_schema()))"
	// Columns that were dropped leave a gap in attnum and nothing else.
	const position = "(SELECT count(*) FROM pg_attribute b WHERE b.attrelid = a.attrelid AND b.attnum BETWEEN 1 AND a.attnum AND NOT b.attisdropped)"
	return map[string]string{
		"relations": `SELECT c.relkind, c.relname, c.relpersistence, c.reloptions, c.relreplident, c.relrowsecurity,
			pg_get_userbyid(c.relowner) = current_user, c.relacl, m.amname
			FROM pg_class c LEFT JOIN pg_am m ON m.oid = c.relam WHERE c.relnamespace = ` + here,
		"columns": `SELECT c.relname, ` + position + `, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
			pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated, a.attcollation::regcollation, a.attstorage,
			a.attcompression, a.attstattarget, a.attoptions, a.attacl
			FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
			WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'v', 'm', 'p') AND c.relnamespace = ` + here,
		// A foreign key holds on to one index of several that would do, and PostgreSQL reads indexes and
		// checks constraints in the order in which they were made.
		"constraints": `SELECT conrelid::regclass, row_number() OVER (PARTITION BY conrelid, contype ORDER BY oid), conname, contype, pg_get_constraintdef(oid), condeferrable, condeferred,
			convalidated, connoinherit, conindid::regclass FROM pg_constraint WHERE connamespace = ` + here,
		"indexes": `SELECT c.relname, row_number() OVER (PARTITION BY i.indrelid ORDER BY i.indexrelid), pg_get_indexdef(i.indexrelid, 0, true), i.indisvalid, i.indisready, i.indisclustered, i.indisreplident, i.indisprimary
			FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE c.relnamespace = ` + here,
		"sequences": `SELECT s.sequencename, s.data_type, s.start_value, s.min_value, s.max_value, s.increment_by, s.cycle, s.cache_size,
			s.last_value, pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid), d.deptype
			FROM pg_sequences s JOIN pg_class c ON c.relname = s.sequencename AND c.relnamespace = ` + here + `
			LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass
			WHERE s.schemaname = current_schema()`,
		"views":      "SELECT relname, pg_get_viewdef(oid) FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace = " + here,
		"triggers":   "SELECT pg_get_triggerdef(t.oid), tgenabled FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT tgisinternal AND c.relnamespace = " + here,
		"rules":      "SELECT definition FROM pg_rules WHERE schemaname = current_schema()",
		"policies":   "SELECT * FROM pg_policies WHERE schemaname = current_schema()",
		"functions":  "SELECT proname, pg_get_function_identity_arguments(oid), prorettype::regtype FROM pg_proc WHERE pronamespace = " + here,
		"types":      "SELECT typname, typtype, format_type(typbasetype, typtypmod), typdefault FROM pg_type WHERE typtype <> 'c' AND typcategory <> 'A' AND typnamespace = " + here,
		"labels":     "SELECT t.typname, e.enumsortorder, e.enumlabel FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid WHERE t.typnamespace = " + here,
		"statistics": "SELECT stxname, pg_get_statisticsobjdef(oid) FROM pg_statistic_ext WHERE stxnamespace = " + here,
		"extensions": "SELECT extname, extversion, extnamespace = " + here + " FROM pg_extension WHERE extname <> 'plpgsql'",
		"comments":   "SELECT pg_describe_object(classoid, objoid, objsubid), description FROM pg_description WHERE classoid = 'pg_class'::regclass AND objoid IN (SELECT oid FROM pg_class WHERE relnamespace = " + here + ")",
		"schemas":    "SELECT nspname = current_schema() FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' AND nspname NOT IN ('public', 'information_schema')",
	}
}
