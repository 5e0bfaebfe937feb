package move

import (
	"fmt"
	"regexp"
	"strings"
)

// kind is what a column means, whatever a database calls its type.
type kind string

const (
	kindBool  kind = "boolean"
	kindInt   kind = "integer"
	kindFloat kind = "float"
	kindText  kind = "text"
	kindChar  kind = "padded text" // PostgreSQL's char(n), which comes back with spaces at its end
	kindBytes kind = "bytes"
	kindUUID  kind = "uuid"
	kindTime  kind = "time"
	kindJSON  kind = "json"
	// kindStored is between two SQLite databases, where a value has a type and its column only a wish.
	kindStored kind = "as stored"
)

// serverKinds are the types of PostgreSQL and CockroachDB by their name in the catalog.
func serverKind(name string) (kind, bool) {
	switch name {
	case "bool":
		return kindBool, true
	case "int2", "int4", "int8":
		return kindInt, true
	case "float4", "float8":
		return kindFloat, true
	case "text", "varchar", "name":
		return kindText, true
	case "bpchar":
		return kindChar, true
	case "bytea":
		return kindBytes, true
	case "uuid":
		return kindUUID, true
	case "timestamp", "timestamptz":
		return kindTime, true
	case "json", "jsonb":
		return kindJSON, true
	}
	return "", false
}

// pairColumn settles how one column is read, written and compared.
func pairColumn(table string, from, to column, sqliteFrom, sqliteTo bool) (pair, error) {
	p := pair{name: to.name, from: from, to: to}
	refuse := func(c column) (pair, error) {
		return pair{}, fmt.Errorf("column %s.%s has the type %s, which this version cannot copy", table, c.name, c.typ)
	}
	if sqliteFrom && sqliteTo {
		p.kind = kindStored
		return p, nil
	}
	a, knowsA := serverKind(from.typ)
	b, knowsB := serverKind(to.typ)
	switch {
	case !sqliteFrom && !knowsA:
		return refuse(from)
	case !sqliteTo && !knowsB:
		return refuse(to)
	case sqliteFrom: // only the server has a say
		a = b
	case sqliteTo:
		b = a
	}
	if a != b {
		if (a != kindText && a != kindChar) || (b != kindText && b != kindChar) {
			return pair{}, fmt.Errorf("column %s.%s is %s here and %s there", table, to.name, from.typ, to.typ)
		}
		a = kindChar
	}
	p.kind = a
	// Our own tables keep instants as milliseconds in SQLite (internal/store/schema_steps.go).
	p.millisFrom = p.kind == kindTime && sqliteFrom && wholeNumbers(from.typ)
	p.millisTo = p.kind == kindTime && sqliteTo && wholeNumbers(to.typ)
	if sqliteFrom && p.kind == kindJSON {
		p.emptyJSON = emptyJSON(to)
	}
	return p, nil
}

// pair is a column on both sides.
type pair struct {
	name     string
	kind     kind
	from, to column
	// millisFrom and millisTo: that side counts milliseconds.
	millisFrom, millisTo bool
	// emptyJSON is what an empty text in a JSON column stands for; nil is NULL.
	emptyJSON any
}

func wholeNumbers(sqliteType string) bool {
	return strings.Contains(strings.ToUpper(sqliteType), "INT")
}

// emptyJSON: where PostgreSQL's columns begin as '[]' those of SQLite begin as an empty text, which the
// engines read as the same and jsonb refuses.
func emptyJSON(c column) any {
	if m := literalDefault.FindStringSubmatch(c.def); m != nil {
		return m[1]
	}
	return nil
}

// '[]'::jsonb in PostgreSQL; CockroachDB writes three colons.
var literalDefault = regexp.MustCompile(`^'([^']*)'(:{2,3}\w+)?$`)
