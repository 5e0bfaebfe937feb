package stacktest

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"example.com/identityd/internal/pgtest"
)

// dumpPostgres leaves to pg_dump what it knows best, and puts in order what it does not.
func dumpPostgres(t *testing.T, d database) string {
	u, err := url.Parse(d.dsn.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	u.RawQuery = "sslmode=" + url.QueryEscape(u.Query().Get("sslmode")) // pg_dump refuses words of Ory's
	dump := pgtest.Dump(t, u.String(), "--no-owner", "--no-privileges", "--no-comments", "--no-tablespaces",
		"--inserts", "--rows-per-insert=100000")
	var text strings.Builder
	for line := range strings.Lines(dump) {
		switch {
		// Its settings of a session, which is ours, and what differs between its versions.
		case strings.HasPrefix(line, "--"), strings.HasPrefix(line, "SET "), strings.HasPrefix(line, `\`),
			strings.HasPrefix(line, "SELECT pg_catalog.set_config("),
			strings.HasPrefix(line, "CREATE SCHEMA "+origin), line == "\n":
			continue
		}
		line = strings.ReplaceAll(line, " WITH SCHEMA "+origin, "")
		text.WriteString(strings.ReplaceAll(line, origin+".", ""))
	}
	statements := strings.SplitAfter(text.String(), ";\n")
	inOrderOfMaking(statements, ages(t, d))
	return strings.Join(statements, "")
}

var (
	indexStatement = regexp.MustCompile(`^CREATE (?:UNIQUE )?INDEX (\S+) ON (?:ONLY )?(\S+) `)
	keyStatement   = regexp.MustCompile(`^ALTER TABLE ONLY (\S+)\s+ADD CONSTRAINT (\S+) (?:PRIMARY KEY|UNIQUE) `)
	referStatement = regexp.MustCompile(`^ALTER TABLE ONLY (\S+)\s+ADD CONSTRAINT (\S+) FOREIGN KEY `)
)

// ages are the numbers that PostgreSQL gave to indexes and foreign keys, by table and name: they grow.
func ages(t *testing.T, d database) map[string]int {
	out := map[string]int{}
	for _, line := range lines(t, d.db, `SELECT i.indrelid::regclass, c.relname, c.oid FROM pg_index i
		JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace = current_schema()::regnamespace
		UNION ALL SELECT conrelid::regclass, conname, oid FROM pg_constraint
		WHERE contype = 'f' AND connamespace = current_schema()::regnamespace`) {
		parts := strings.Split(line, " | ")
		age, err := strconv.Atoi(parts[2])
		if err != nil {
			t.Fatal(err)
		}
		out[parts[0]+" "+parts[1]] = age
	}
	return out
}

// inOrderOfMaking sorts what makes indexes, and what makes foreign keys, by age. pg_dump makes primary
// keys first; but of several unique indexes a foreign key takes the oldest one, and cannot live
// without it any longer: a later migration that drops an index would fail on one database and not on
// the other.
func inOrderOfMaking(statements []string, ages map[string]int) {
	for _, kind := range []func(string) string{
		func(s string) string {
			if m := indexStatement.FindStringSubmatch(s); m != nil {
				return m[2] + " " + m[1]
			}
			if m := keyStatement.FindStringSubmatch(s); m != nil {
				return m[1] + " " + m[2]
			}
			return ""
		},
		func(s string) string {
			if m := referStatement.FindStringSubmatch(s); m != nil {
				return m[1] + " " + m[2]
			}
			return ""
		},
	} {
		var places []int
		var found []string
		for i, s := range statements {
			if kind(s) != "" {
				places, found = append(places, i), append(found, s)
			}
		}
		slices.SortStableFunc(found, func(a, b string) int { return cmp.Compare(ages[kind(a)], ages[kind(b)]) })
		for i, place := range places {
			statements[place] = found[i]
		}
	}
}
