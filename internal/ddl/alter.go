package ddl

func alterTable(c *cursor) ([]fact, bool) {
	c.take("IF", "EXISTS")
	c.take("ONLY")
	table, ok := c.name()
	if !ok {
		return nil, false
	}
	if c.take("RENAME") {
		return rename(table, c)
	}
	var out []fact
	for _, action := range commas(c.rest) {
		fs, ok := alter(table, &cursor{action})
		if !ok {
			return nil, false
		}
		out = append(out, fs...)
	}
	return out, true
}

func rename(table string, c *cursor) ([]fact, bool) {
	if c.take("TO") {
		to, ok := c.name()
		return []fact{{kind: aTable, table: table, gone: true}, {kind: aTable, table: to}}, ok
	}
	what := aColumn
	if c.take("CONSTRAINT") {
		what = aConstraint
	} else {
		c.take("COLUMN")
	}
	from, ok1 := c.name()
	if !c.take("TO") {
		return nil, false
	}
	to, ok2 := c.name()
	return []fact{{kind: what, table: table, name: from, gone: true}, {kind: what, table: table, name: to}}, ok1 && ok2
}

func alter(table string, c *cursor) ([]fact, bool) {
	switch {
	case c.take("ADD", "CONSTRAINT"):
		c.take("IF", "NOT", "EXISTS")
		f, ok := constraint(table, c)
		return []fact{f}, ok
	case c.take("ADD", "PRIMARY", "KEY"):
		f := fact{kind: aConstraint, table: table, name: table + "_pkey"} // the name that the database makes up
		f.columns, f.known = c.names()
		return []fact{f}, f.known
	case c.take("ADD", "UNIQUE"), c.take("ADD", "FOREIGN"), c.take("ADD", "CHECK"):
		return nil, false // their names may have been taken
	case c.take("ADD"):
		c.take("COLUMN")
		c.take("IF", "NOT", "EXISTS")
		f, ok := column(table, c)
		return []fact{f}, ok
	case c.take("DROP", "CONSTRAINT"):
		maybe := c.take("IF", "EXISTS")
		n, ok := c.name()
		return []fact{{kind: aConstraint, table: table, name: n, gone: true, maybe: maybe}}, ok
	case c.take("DROP"):
		c.take("COLUMN")
		maybe := c.take("IF", "EXISTS")
		n, ok := c.name()
		return []fact{{kind: aColumn, table: table, name: n, gone: true, maybe: maybe}}, ok
	case c.take("ALTER"):
		c.take("COLUMN")
		return alterColumn(table, c)
	}
	return nil, false
}

func alterColumn(table string, c *cursor) ([]fact, bool) {
	n, ok := c.name()
	f := fact{kind: aColumn, table: table, name: n}
	yes, no := true, false
	switch {
	case c.take("SET", "NOT", "NULL"):
		f.notNull = &yes
	case c.take("DROP", "NOT", "NULL"):
		f.notNull = &no
	case c.take("TYPE"), c.take("SET", "DATA", "TYPE"):
		f.typ = typeOf(c)
	default:
		return nil, false // defaults are written in too many ways to compare
	}
	return []fact{settled(f)}, ok
}
