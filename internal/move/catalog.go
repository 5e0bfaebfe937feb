package move

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"example.com/identityd/internal/store"
)

// table is what the catalog says of one.
type table struct {
	name    string
	columns []column
	key     []string // of the primary key, in its order
}

type column struct {
	name string
	typ  string // udt_name of a server, the declared type of SQLite
	def  string
	// computed is filled by the database and cannot be written.
	computed bool
	// numbered has the next number of a sequence as its default.
	numbered bool
	notNull  bool
	limit    int64 // of characters; 0 is none
	bits     int   // of an integer of a server
}

// reference is a foreign key.
type reference struct {
	from, to string // tables
	columns  []string
}

func (t table) column(name string) (column, bool) {
	i := slices.IndexFunc(t.columns, func(c column) bool { return c.name == name })
	if i < 0 {
		return column{}, false
	}
	return t.columns[i], true
}

// catalog is the schema of one database.
type catalog struct {
	tables     map[string]table
	references []reference
}

// querier is a pool or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func readCatalog(ctx context.Context, q querier, d store.Dialect) (catalog, error) {
	read := serverCatalog
	if d == store.SQLite {
		read = sqliteCatalog
	}
	c, err := read(ctx, q)
	if err != nil {
		return catalog{}, fmt.Errorf("reading the catalog: %w", err)
	}
	return c, nil
}

// A number of a sequence, as PostgreSQL and CockroachDB write its default.
var numbering = regexp.MustCompile(`^(nextval|unique_rowid|unordered_unique_rowid)\(`)

// serverCatalog reads whole rows of information_schema.columns, because is_hidden, which tells
// CockroachDB's own columns, exists only there.
func serverCatalog(ctx context.Context, q querier) (catalog, error) {
	c := catalog{tables: map[string]table{}}
	names, err := texts(ctx, q, `SELECT table_name::text FROM information_schema.tables
		WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'`)
	if err != nil {
		return c, err
	}
	for _, n := range names {
		c.tables[n[0]] = table{name: n[0]}
	}
	rows, err := q.QueryContext(ctx, `SELECT * FROM information_schema.columns
		WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position`)
	if err != nil {
		return c, err
	}
	err = eachRecord(rows, func(r map[string]string) {
		t, ok := c.tables[r["table_name"]]
		if !ok || r["is_hidden"] == "YES" {
			return
		}
		def := r["column_default"]
		t.columns = append(t.columns, column{
			name: r["column_name"], typ: r["udt_name"], def: def,
			computed: r["is_generated"] == "ALWAYS" || r["identity_generation"] == "ALWAYS",
			numbered: r["is_identity"] == "YES" || numbering.MatchString(def),
			notNull:  r["is_nullable"] == "NO",
			limit:    number(r["character_maximum_length"]),
			bits:     map[string]int{"int2": 16, "int4": 32, "int8": 64}[r["udt_name"]],
		})
		c.tables[t.name] = t
	})
	if err != nil {
		return c, err
	}
	keys, err := texts(ctx, q, `SELECT k.table_name::text, k.column_name::text
		FROM information_schema.table_constraints t JOIN information_schema.key_column_usage k
			ON k.constraint_name = t.constraint_name AND k.table_name = t.table_name AND k.table_schema = t.table_schema
		WHERE t.constraint_type = 'PRIMARY KEY' AND t.table_schema = current_schema()
		ORDER BY k.table_name, k.ordinal_position`)
	if err != nil {
		return c, err
	}
	for _, k := range keys {
		t := c.tables[k[0]]
		if _, visible := t.column(k[1]); visible {
			t.key = append(t.key, k[1])
			c.tables[k[0]] = t
		}
	}
	c.references, err = serverReferences(ctx, q)
	return c, err
}

func serverReferences(ctx context.Context, q querier) ([]reference, error) {
	found, err := texts(ctx, q, `SELECT c.oid::text, f.relname::text, t.relname::text, a.attname::text
		FROM pg_catalog.pg_constraint c
		JOIN pg_catalog.pg_class f ON f.oid = c.conrelid
		JOIN pg_catalog.pg_class t ON t.oid = c.confrelid
		JOIN pg_catalog.pg_namespace n ON n.oid = f.relnamespace
		JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)
		WHERE c.contype = 'f' AND n.nspname = current_schema() ORDER BY 2, 3, 1, a.attnum`)
	if err != nil {
		return nil, err
	}
	return gather(found), nil
}

// gather makes one reference of the rows of its columns: id, from, to, column.
func gather(found [][]string) []reference {
	var out []reference
	last := ""
	for _, r := range found {
		if id := r[0] + " " + r[1]; id != last {
			last = id
			out = append(out, reference{from: r[1], to: r[2]})
		}
		out[len(out)-1].columns = append(out[len(out)-1].columns, r[3])
	}
	return out
}

func sqliteCatalog(ctx context.Context, q querier) (catalog, error) {
	c := catalog{tables: map[string]table{}}
	columns, err := texts(ctx, q, `SELECT m.name, x.name, x.type, COALESCE(x.dflt_value, ''), x."notnull", x.pk, x.hidden
		FROM sqlite_master m JOIN pragma_table_xinfo(m.name) x
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY m.name, x.cid`)
	if err != nil {
		return c, err
	}
	keys := map[string]map[int64]string{}
	for _, r := range columns {
		t := c.tables[r[0]]
		t.name = r[0]
		t.columns = append(t.columns, column{
			name: r[1], typ: r[2], def: r[3], computed: r[6] != "0", notNull: r[4] != "0" || r[5] != "0",
		})
		c.tables[t.name] = t
		if place := number(r[5]); place > 0 {
			if keys[t.name] == nil {
				keys[t.name] = map[int64]string{}
			}
			keys[t.name][place] = r[1]
		}
	}
	for name, places := range keys {
		t := c.tables[name]
		for i := int64(1); i <= int64(len(places)); i++ {
			t.key = append(t.key, places[i])
		}
		c.tables[name] = t
	}
	found, err := texts(ctx, q, `SELECT f.id, m.name, f."table", f."from"
		FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f
		WHERE m.type = 'table' ORDER BY m.name, f.id, f.seq`)
	if err != nil {
		return c, err
	}
	c.references = gather(found)
	return c, nil
}

// texts reads every row as text, NULL as empty.
func texts(ctx context.Context, q querier, query string) ([][]string, error) {
	rows, err := q.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	var out [][]string
	err = eachRow(rows, func(_, values []string) { out = append(out, values) })
	return out, err
}

func eachRecord(rows *sql.Rows, f func(map[string]string)) error {
	return eachRow(rows, func(names, values []string) {
		record := map[string]string{}
		for i, n := range names {
			record[n] = values[i]
		}
		f(record)
	})
}

func eachRow(rows *sql.Rows, f func(names, values []string)) error {
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	for rows.Next() {
		values, into := make([]sql.NullString, len(names)), make([]any, len(names))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		out := make([]string, len(names))
		for i, v := range values {
			out[i] = v.String
		}
		f(names, out)
	}
	return rows.Err()
}

func number(s string) int64 {
	var n int64
	if _, err := fmt.Sscan(s, &n); err != nil {
		return 0
	}
	return n
}

// quoted is a name of a table or a column in a statement. All three databases take it.
func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
