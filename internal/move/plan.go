package move

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.com/identityd/internal/store"
)

// bookkeeping is not copied as it is: which migrations ran (the target has its own), who holds a lease
// (see copyFences), and how far a copy is.
func bookkeeping(table string) bool {
	return slices.Contains([]string{
		"schema_migration", "identityd_schema", "identityd_lease", progressTable,
	}, table)
}

// seeds is the condition on rows that a database has before anybody has used it: of the migrations
// and of `identityd migrate`, which makes the tenants and the signing keys. Nobody was given anything
// that the keys signed, for there is no client. They make room for those of the source.
func seeds(table string) (condition string) {
	switch table {
	case "networks", "identity_credential_types", "identityd_installation", "identityd_janitor":
		return "true"
	case "hydra_jwk":
		return "sid IN ('hydra.openid.id-token', 'hydra.jwt.access-token')"
	}
	return "false"
}

func ours(table string) bool { return strings.HasPrefix(table, "identityd_") }

// task is one table to copy.
type task struct {
	name    string
	columns []pair // by name
	key     []string
	late    []string // columns to fill in afterwards
}

// plan is what is to be done with one database.
type plan struct {
	tasks      []task // in the order in which they can be filled
	references []reference
}

// makePlan pairs the tables of both sides, which have the same ones at the same version.
func makePlan(from, to catalog, d dialects) (plan, error) {
	var names []string
	tasks := map[string]task{}
	for _, name := range slices.Sorted(maps.Keys(to.tables)) {
		if bookkeeping(name) {
			continue
		}
		source, ok := from.tables[name]
		if !ok && ours(name) {
			continue // a table of ours that the source was not served long enough to have
		}
		if !ok {
			return plan{}, fmt.Errorf("the source has no table %s; run identityd migrate on it, with this version", name)
		}
		t, err := pairTable(source, to.tables[name], d)
		if err != nil {
			return plan{}, err
		}
		names = append(names, name)
		tasks[name] = t
	}
	for _, name := range slices.Sorted(maps.Keys(from.tables)) {
		if _, ok := to.tables[name]; !ok && !bookkeeping(name) {
			return plan{}, fmt.Errorf("the source has a table %s, which this version does not know; use the version that made it", name)
		}
	}
	sorted, postponed, err := order(names, to.references, func(table, name string) bool {
		c, ok := to.tables[table].column(name)
		return ok && !c.notNull
	})
	if err != nil {
		return plan{}, err
	}
	p := plan{references: to.references}
	for _, name := range sorted {
		t := tasks[name]
		t.late = postponed[name]
		if len(t.late) > 0 && len(t.key) == 0 {
			return plan{}, fmt.Errorf("the table %s refers to itself and has no primary key", name)
		}
		p.tasks = append(p.tasks, t)
	}
	return p, nil
}

// pairTable leaves out what the database computes by itself.
func pairTable(from, to table, d dialects) (task, error) {
	t := task{name: to.name, key: to.key}
	for _, c := range to.columns {
		source, ok := from.column(c.name)
		if c.computed || (ok && source.computed) {
			continue
		}
		if !ok {
			return t, fmt.Errorf("the source has no column %s.%s; run identityd migrate on it, with this version", to.name, c.name)
		}
		p, err := pairColumn(to.name, source, c, d.From == store.SQLite, d.To == store.SQLite)
		if err != nil {
			return t, err
		}
		t.columns = append(t.columns, p)
	}
	for _, c := range from.columns {
		if _, ok := to.column(c.name); !ok && !c.computed {
			return t, fmt.Errorf("the source has a column %s.%s, which this version does not know; use the version that made it", to.name, c.name)
		}
	}
	slices.SortFunc(t.columns, func(a, b pair) int { return strings.Compare(a.name, b.name) })
	return t, nil
}

// dialects are the kinds of both databases.
type dialects struct{ From, To store.Dialect }

// occupied names the tables of the target that have rows and should not.
func occupied(ctx context.Context, q querier, p plan) ([]string, error) {
	var out []string
	for _, t := range p.tasks {
		var some bool
		query := "SELECT EXISTS (SELECT 1 FROM " + quoted(t.name) + " WHERE NOT (" + seeds(t.name) + "))"
		if err := q.QueryRowContext(ctx, query).Scan(&some); err != nil {
			return nil, fmt.Errorf("looking into %s: %w", t.name, explain(err))
		}
		if some {
			out = append(out, t.name)
		}
	}
	return out, nil
}
