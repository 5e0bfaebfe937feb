package ddl

import "strings"

// cursor walks over the tokens of a statement.
type cursor struct{ rest []token }

// take moves past the words if they come next.
func (c *cursor) take(words ...string) bool {
	if len(c.rest) < len(words) {
		return false
	}
	for i, w := range words {
		if !c.rest[i].is(w) {
			return false
		}
	}
	c.rest = c.rest[len(words):]
	return true
}

// name takes an identifier, without the schema before it.
func (c *cursor) name() (string, bool) {
	for {
		if len(c.rest) == 0 || c.rest[0].literal || !c.rest[0].quoted && word(c.rest[0].text) == 0 {
			return "", false
		}
		n := c.rest[0].name()
		c.rest = c.rest[1:]
		if !c.take(".") {
			return n, true
		}
	}
}

// group takes what stands in parentheses and splits it at its commas.
func (c *cursor) group() ([][]token, bool) {
	if !c.take("(") {
		return nil, false
	}
	for i, depth := 0, 1; i < len(c.rest); i++ {
		switch {
		case c.rest[i].is("("):
			depth++
		case c.rest[i].is(")"):
			depth--
		}
		if depth == 0 {
			inside := c.rest[:i]
			c.rest = c.rest[i+1:]
			return commas(inside), true
		}
	}
	return nil, false
}

// names takes a list of columns in parentheses. Expressions make it fail.
func (c *cursor) names() ([]string, bool) {
	parts, ok := c.group()
	if !ok {
		return nil, false
	}
	var out []string
	for _, p := range parts {
		item := cursor{p}
		n, ok := item.name()
		if !ok {
			return nil, false
		}
		_ = item.take("ASC") || item.take("DESC")
		if len(item.rest) > 0 {
			return nil, false
		}
		out = append(out, n)
	}
	return out, true
}

// commas splits at the commas outside parentheses.
func commas(ts []token) [][]token {
	var out [][]token
	depth, from := 0, 0
	for i, t := range ts {
		switch {
		case t.is("("):
			depth++
		case t.is(")"):
			depth--
		case t.is(",") && depth == 0:
			out, from = append(out, ts[from:i]), i+1
		}
	}
	return append(out, ts[from:])
}

// text joins tokens as SQL.
func text(ts []token) string {
	var b strings.Builder
	for i, t := range ts {
		if i > 0 && !t.is("(") && !t.is(")") && !t.is(",") && !ts[i-1].is("(") {
			b.WriteByte(' ')
		}
		b.WriteString(t.text)
	}
	return b.String()
}
