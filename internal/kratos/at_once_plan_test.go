package kratos

import (
	"database/sql"
	"regexp"
	"strings"
	"testing"
)

// TestOneStatementGoesByIndexes asks the databases how they would run it: no table is read from one end to the other.
func TestOneStatementGoesByIndexes(t *testing.T) {
	onDatabases(t, func(t *testing.T, open func(func(*Config)) *Engine) {
		e := open(nil)
		populate(t, upstreams(t, e))
		c := e.registry.Persister().GetConnection(t.Context())
		texts := &statements{dialect: c.Dialect.Name(), translate: c.Dialect.TranslateSQL}
		conn, err := c.Store.SQLDB().Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close() //nolint:errcheck // nothing was changed
		explain, whole := "EXPLAIN ", regexp.MustCompile(`Seq Scan on (\S+)`)
		if c.Dialect.Name() == "sqlite3" {
			explain, whole = "EXPLAIN QUERY PLAN ", regexp.MustCompile(`SCAN ([a-z]+)\b`)
		} else if _, err := conn.ExecContext(t.Context(), "SET enable_seqscan = off"); err != nil {
			// A table of a page is read faster without an index; this is about whether there is one.
			t.Fatal(err)
		}
		nid := e.registry.Persister().NetworkID(t.Context()).String()
		args := map[source][]any{
			bySession: {"token", nid}, byID: {nid, nid}, byName: {"name", nid, nid, nid, nid, nid},
		}
		for from, args := range args {
			for _, w := range []wants{{}, {credentials: true}, {devices: from == bySession, credentials: true, verifiable: true, recovery: true}} {
				plan := planOf(t, conn, explain+texts.of(from, w).query, args)
				if len(plan) < 2 {
					t.Fatalf("got the plan %v", plan)
				}
				for _, m := range whole.FindAllStringSubmatch(strings.Join(plan, "\n"), -1) {
					// k is the list of numbers, f the one person of a name.
					if m[1] != "k" && m[1] != "f" {
						t.Errorf("source %d with %+v reads all of %s:\n%s", from, w, m[1], strings.Join(plan, "\n"))
					}
				}
			}
		}
	})
}

func planOf(t *testing.T, conn *sql.Conn, query string, args []any) []string {
	t.Helper()
	rows, err := conn.QueryContext(t.Context(), query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var plan []string
	for rows.Next() {
		line, step := make([]any, len(columns)), ""
		for n := range line {
			line[n] = new(any)
		}
		line[len(line)-1] = &step
		if err := rows.Scan(line...); err != nil {
			t.Fatal(err)
		}
		plan = append(plan, step)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return plan
}
