package ddl

// fact is one thing that has to hold once a statement has run.
type fact struct {
	kind kind
	// table and name say what it is about; name is empty for a table.
	table, name string
	// gone turns it round; maybe says that it may have been so all along.
	gone, maybe bool
	// columns are those of an index or a key; nil is not compared.
	columns []string
	// known tells that columns were read: a constraint of another kind is compared by name alone.
	unique, known bool
	// typ is the type of a column as SQL, notNull what it says of NULL; empty and nil are not compared.
	typ     string
	notNull *bool
}

// settled marks a fact about a column that may have been so before.
func settled(f fact) fact {
	f.maybe = true
	return f
}

type kind string

const (
	aTable      kind = "table"
	aColumn     kind = "column"
	anIndex     kind = "index"
	aConstraint kind = "constraint"
)

// same reports two facts about one thing, of which the later one counts.
func (f fact) same(g fact) bool {
	// DROP INDEX names no table.
	return f.kind == g.kind && f.name == g.name && (f.table == g.table || f.kind == anIndex)
}

// facts reads a statement; ok is false for one of which the catalog cannot tell whether it has run.
func facts(statement string) (out []fact, ok bool) {
	c := &cursor{tokens(statement)}
	switch {
	case c.take("CREATE", "TABLE"):
		return createTable(c)
	case c.take("CREATE", "UNIQUE", "INDEX"):
		return createIndex(c, true)
	case c.take("CREATE", "INDEX"):
		return createIndex(c, false)
	case c.take("DROP", "TABLE"):
		return drops(c, aTable)
	case c.take("DROP", "INDEX"):
		return drops(c, anIndex)
	case c.take("ALTER", "TABLE"):
		return alterTable(c)
	case c.take("ALTER", "INDEX"):
		c.take("IF", "EXISTS")
		from, ok1 := c.name()
		if c.take("@") { // CockroachDB writes table@index
			from, ok1 = c.name()
		}
		if !c.take("RENAME", "TO") {
			return nil, false
		}
		to, ok2 := c.name()
		return []fact{{kind: anIndex, name: from, gone: true}, {kind: anIndex, name: to}}, ok1 && ok2
	}
	return nil, false
}

func createTable(c *cursor) ([]fact, bool) {
	c.take("IF", "NOT", "EXISTS")
	table, ok := c.name()
	if !ok {
		return nil, false
	}
	parts, ok := c.group()
	if !ok {
		return nil, false
	}
	out := []fact{{kind: aTable, table: table}}
	for _, p := range parts {
		if f, ok := element(table, p); ok {
			out = append(out, f)
		}
	}
	return out, true
}

// element is a column or a constraint of CREATE TABLE. What has no name is left out: the table is there.
func element(table string, ts []token) (fact, bool) {
	c := &cursor{ts}
	for _, w := range []string{"PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "INDEX", "FAMILY", "LIKE", "EXCLUDE", "INVERTED"} {
		if c.take(w) {
			return fact{}, false
		}
	}
	if c.take("CONSTRAINT") {
		return constraint(table, c)
	}
	return column(table, c)
}

func column(table string, c *cursor) (fact, bool) {
	n, ok := c.name()
	f := fact{kind: aColumn, table: table, name: n, typ: typeOf(c)}
	for i, t := range c.rest {
		if i+1 < len(c.rest) && t.is("NOT") && c.rest[i+1].is("NULL") || t.is("PRIMARY") {
			yes := true
			f.notNull = &yes
			break
		}
	}
	return f, ok
}

// typeOf takes the type of a column.
func typeOf(c *cursor) string {
	for i, t := range c.rest {
		for _, w := range []string{
			"NOT", "NULL", "DEFAULT", "PRIMARY", "UNIQUE", "REFERENCES", "CHECK", "CONSTRAINT", "COLLATE",
			"GENERATED", "AS", "ON", "USING", "CREATE", "FAMILY",
		} {
			if t.is(w) {
				typ := text(c.rest[:i])
				c.rest = c.rest[i:]
				return typ
			}
		}
	}
	typ := text(c.rest)
	c.rest = nil
	return typ
}

// constraint follows the word CONSTRAINT.
func constraint(table string, c *cursor) (fact, bool) {
	n, ok := c.name()
	f := fact{kind: aConstraint, table: table, name: n}
	if c.take("PRIMARY", "KEY") || c.take("UNIQUE") {
		f.columns, f.known = c.names()
	}
	return f, ok
}

func createIndex(c *cursor, unique bool) ([]fact, bool) {
	c.take("CONCURRENTLY")
	c.take("IF", "NOT", "EXISTS")
	n, ok1 := c.name()
	if !c.take("ON") {
		return nil, false
	}
	table, ok2 := c.name()
	if c.take("USING") {
		c.name()
	}
	f := fact{kind: anIndex, table: table, name: n, unique: unique}
	f.columns, f.known = c.names()
	return []fact{f}, ok1 && ok2
}

func drops(c *cursor, what kind) ([]fact, bool) {
	c.take("CONCURRENTLY")
	maybe := c.take("IF", "EXISTS")
	var out []fact
	for {
		if len(c.rest) > 1 && c.rest[1].is(".") {
			return nil, false // in a schema of which nobody here knows whether it is the one that counts
		}
		n, ok := c.name()
		if c.take("@") {
			n, ok = c.name()
		}
		if !ok {
			return nil, false
		}
		if what == aTable {
			out = append(out, fact{kind: aTable, table: n, gone: true, maybe: maybe})
		} else {
			out = append(out, fact{kind: what, name: n, gone: true, maybe: maybe})
		}
		if !c.take(",") {
			return out, true
		}
	}
}
