package ddl

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Verdict says what became of a statement, or of a whole script.
type Verdict string

// Verdicts.
const (
	// There is everything that the statement makes, and nothing of what it takes away.
	There Verdict = "there"
	// Missing is something that it makes, or there is something that it takes away.
	Missing Verdict = "missing"
	// Different is a thing of that name which is not as the statement would make it.
	Different Verdict = "different"
	// Unknown is a statement whose effect the catalog does not show, such as one that changes rows.
	Unknown Verdict = "unknown"
)

// Effect is what the catalog says of one statement.
type Effect struct {
	Statement string  `json:"statement"`
	Verdict   Verdict `json:"verdict"`
	// Detail names what is missing or different.
	Detail string `json:"detail,omitempty"`

	// trivial effects may have held all along.
	trivial bool
}

// Check looks for the effects of every statement of a script.
func Check(ctx context.Context, db *sql.DB, script string) ([]Effect, error) {
	var out []Effect
	statements := Statements(script)
	read := make([][]fact, len(statements))
	known := make([]bool, len(statements))
	for i, s := range statements {
		read[i], known[i] = facts(s)
	}
	for i, s := range statements {
		e := Effect{Statement: s, Verdict: Unknown, Detail: "it leaves no trace in the catalog"}
		if known[i] {
			var err error
			if e.Verdict, e.Detail, err = verdict(ctx, db, read, i); err != nil {
				return nil, fmt.Errorf("asking the catalog: %w", err)
			}
			e.trivial = e.Verdict == There && !slices.ContainsFunc(read[i], func(f fact) bool { return !f.maybe })
		}
		out = append(out, e)
	}
	return out, nil
}

// Whole sums up: a script is There when all of it is, and Missing when nothing is; Different means that
// it ran in part, or that something else was made in its place.
func Whole(effects []Effect) Verdict {
	n, trivial := map[Verdict]int{}, 0
	for _, e := range effects {
		if e.trivial {
			trivial++
		} else {
			n[e.Verdict]++
		}
	}
	switch all := len(effects) - trivial; {
	case all == n[There]:
		return There
	case n[Missing] > 0 && all == n[Missing]+n[Unknown]:
		return Missing
	case all == n[There]+n[Unknown]:
		return Unknown
	}
	return Different
}

// Trivial reports effects that may all have held before: running the script again does no harm.
func Trivial(effects []Effect) bool {
	return !slices.ContainsFunc(effects, func(e Effect) bool { return !e.trivial })
}

// verdict checks the facts of statement i, but for those that a later one of the script undoes.
func verdict(ctx context.Context, db *sql.DB, read [][]fact, i int) (Verdict, string, error) {
	there, missing := 0, ""
	for j, f := range read[i] {
		later := slices.Concat(append([][]fact{read[i][j+1:]}, read[i+1:]...)...)
		if slices.ContainsFunc(later, f.same) {
			continue
		}
		if f.kind == aConstraint && !f.gone && !f.known && replaced(read, i, j, f) {
			return Unknown, "the constraint " + f.name + " replaces one of the same name", nil
		}
		v, detail, err := f.check(ctx, db)
		switch {
		case err != nil:
			return "", "", err
		case v == Different:
			return v, detail, nil
		case v == There:
			there++
		case missing == "":
			missing = detail
		}
	}
	switch {
	case missing == "":
		return There, "", nil
	case there > 0 && !trivial(read[i]):
		return Different, missing, nil
	}
	return Missing, missing, nil
}

// trivial are facts of a rename, of which half holds before it has run whenever the new name is free.
func trivial(fs []fact) bool {
	return len(fs) == 2 && fs[0].gone && !fs[1].gone && fs[0].kind == fs[1].kind
}

// replaced reports that an earlier statement drops what f makes under the same name.
func replaced(read [][]fact, i, j int, f fact) bool {
	earlier := slices.Concat(append(slices.Clone(read[:i]), read[i][:j])...)
	return slices.ContainsFunc(earlier, func(g fact) bool { return g.same(f) && g.gone })
}

func (f fact) check(ctx context.Context, db *sql.DB) (Verdict, string, error) {
	found, detail, err := f.find(ctx, db)
	switch {
	case err != nil:
		return "", "", err
	case found && f.gone:
		return Missing, fmt.Sprintf("the %s %s is still there", f.kind, f), nil
	case !found && !f.gone:
		return Missing, fmt.Sprintf("there is no %s %s", f.kind, f), nil
	case found && detail != "":
		return Different, fmt.Sprintf("the %s %s %s", f.kind, f, detail), nil
	}
	return There, "", nil
}

// String names what the fact is about.
func (f fact) String() string { return strings.Trim(f.table+"."+f.name, ".") }

// find reports whether the thing exists, and what is not as it should be.
func (f fact) find(ctx context.Context, db *sql.DB) (found bool, detail string, err error) {
	switch f.kind {
	case aTable:
		var n int
		err = db.QueryRowContext(ctx, tableQuery, f.table).Scan(&n)
		return n > 0, "", err
	case aColumn:
		return f.findColumn(ctx, db)
	case anIndex:
		return f.findIndex(ctx, db)
	default:
		return f.findConstraint(ctx, db)
	}
}

func (f fact) findColumn(ctx context.Context, db *sql.DB) (bool, string, error) {
	var notNull bool
	var typ, modifier int64
	err := db.QueryRowContext(ctx, columnQuery, f.table, f.name).Scan(&notNull, &typ, &modifier)
	if errors.Is(err, sql.ErrNoRows) {
		return false, "", nil
	}
	if err != nil || f.gone {
		return err == nil, "", err
	}
	if f.notNull != nil && *f.notNull != notNull {
		return true, map[bool]string{true: "does not admit NULL", false: "admits NULL"}[notNull], nil
	}
	var want int64
	if f.typ != "" && db.QueryRowContext(ctx, "SELECT $1::text::regtype::oid::bigint", f.typ).Scan(&want) == nil && want != typ {
		return true, "is not of the type " + f.typ, nil
	}
	// Of lengths the catalog keeps that of the text and the four bytes of its header.
	if n := length(f.typ); n > 0 && modifier != n+4 {
		return true, "is not of the type " + f.typ, nil
	}
	return true, "", nil
}

var lengthPattern = regexp.MustCompile(`(?i)^(?:varchar|character varying|string) *\( *(\d+) *\)$`)

func length(typ string) int64 {
	m := lengthPattern.FindStringSubmatch(typ)
	if m == nil {
		return 0
	}
	n, _ := strconv.ParseInt(m[1], 10, 64)
	return n
}

func (f fact) findIndex(ctx context.Context, db *sql.DB) (bool, string, error) {
	rows, err := db.QueryContext(ctx, indexQuery, f.name)
	if err != nil {
		return false, "", err
	}
	defer rows.Close()
	var columns []string
	var table string
	var unique, valid bool
	for rows.Next() {
		var column string
		if err := rows.Scan(&table, &unique, &valid, &column); err != nil {
			return false, "", err
		}
		columns = append(columns, column)
	}
	switch {
	case rows.Err() != nil || len(columns) == 0:
		return false, "", rows.Err()
	case f.gone || f.table == "": // renamed: what it is of was said elsewhere
		return true, "", nil
	case table != f.table:
		return true, "is one of " + table, nil
	case unique != f.unique:
		return true, map[bool]string{true: "is unique", false: "is not unique"}[unique], nil
	case !valid:
		return true, "is not finished", nil
	case f.known && !startsWith(columns, f.columns):
		return true, "is over " + strings.Join(columns, ", "), nil
	}
	return true, "", nil
}

func (f fact) findConstraint(ctx context.Context, db *sql.DB) (bool, string, error) {
	rows, err := db.QueryContext(ctx, constraintQuery, f.table, f.name)
	if err != nil {
		return false, "", err
	}
	defer rows.Close()
	found := false
	var columns []string
	for rows.Next() {
		var column sql.NullString
		if err := rows.Scan(&column); err != nil {
			return false, "", err
		}
		found = true
		columns = append(columns, column.String)
	}
	if err := rows.Err(); err != nil || !found || f.gone || !f.known {
		return found, "", err
	}
	want := slices.Sorted(slices.Values(f.columns))
	if slices.Sort(columns); !slices.Equal(columns, want) {
		return true, "is over " + strings.Join(columns, ", "), nil
	}
	return true, "", nil
}

// startsWith tolerates columns after those asked for, which CockroachDB lists for STORING.
func startsWith(columns, want []string) bool {
	return len(columns) >= len(want) && slices.Equal(columns[:len(want)], want)
}

const (
	tableQuery = `SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND c.relname = $1`
	columnQuery = `SELECT a.attnotnull, a.atttypid::bigint, a.atttypmod FROM pg_attribute a
		JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND c.relname = $1 AND a.attname = $2
		AND a.attnum > 0 AND NOT a.attisdropped`
	indexQuery = `SELECT t.relname, i.indisunique, i.indisvalid, a.attname FROM pg_index i
		JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
		JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = i.indexrelid
		WHERE n.nspname = current_schema() AND c.relname = $1 ORDER BY a.attnum`
	constraintQuery = `SELECT a.attname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
		JOIN pg_namespace n ON n.oid = c.relnamespace
		LEFT JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY(k.conkey)
		WHERE n.nspname = current_schema() AND c.relname = $1 AND k.conname = $2`
)
