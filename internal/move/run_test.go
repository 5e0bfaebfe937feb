package move_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/move"
	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/sqlseam"
	"example.com/identityd/internal/store"
)

func TestMain(m *testing.M) {
	sqlseam.Register()
	os.Exit(pgtest.Main(m))
}

// A schema with everything that is hard to carry over: types, padding, a reference to itself, a circle,
// children, and a number that only servers give.
const (
	serverSchema = `
		CREATE TABLE networks (id UUID PRIMARY KEY, created_at TIMESTAMP NOT NULL);
		CREATE TABLE schema_migration (version VARCHAR(48) NOT NULL);
		CREATE TABLE people (
			id UUID PRIMARY KEY, nid UUID NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
			parent UUID REFERENCES people (id), home UUID,
			name VARCHAR(40), kind CHAR(8), "order" TEXT, age INT4, big INT8, ratio FLOAT8, admin BOOL,
			traits JSONB NOT NULL DEFAULT '[]', raw JSON, picture BYTEA, seen TIMESTAMP, zoned TIMESTAMPTZ,
			pk SERIAL, twice INT8 GENERATED ALWAYS AS (age::INT8 * 2) STORED);
		CREATE TABLE homes (id UUID PRIMARY KEY, owner UUID NOT NULL REFERENCES people (id) ON DELETE CASCADE);
		ALTER TABLE people ADD FOREIGN KEY (home) REFERENCES homes (id);
		CREATE TABLE identityd_note (name TEXT PRIMARY KEY, at TIMESTAMPTZ NOT NULL);`
	sqliteSchema = `
		CREATE TABLE networks (id TEXT PRIMARY KEY, created_at DATETIME NOT NULL);
		CREATE TABLE schema_migration (version VARCHAR(48) NOT NULL);
		CREATE TABLE people (
			id TEXT PRIMARY KEY, nid CHAR(36) NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
			parent UUID REFERENCES people (id), home UUID REFERENCES homes (id),
			name VARCHAR(40), kind CHAR(8), "order" TEXT, age INTEGER, big BIGINT, ratio REAL, admin NUMERIC,
			traits TEXT NOT NULL DEFAULT '', raw JSON, picture BLOB, seen TIMESTAMP, zoned DATETIME,
			pk INTEGER NULL, twice BIGINT GENERATED ALWAYS AS (age * 2) STORED);
		CREATE TABLE homes (id TEXT PRIMARY KEY, owner TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE);
		CREATE TABLE identityd_note (name TEXT PRIMARY KEY, at INTEGER NOT NULL);`
	data = `
		INSERT INTO networks VALUES ('11111111-1111-4111-8111-111111111111', '2013-10-07 08:23:19');
		INSERT INTO people (id, nid, parent, home, name, kind, "order", age, big, ratio, admin, traits, raw, picture, seen, zoned, pk) VALUES
			('aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa', '11111111-1111-4111-8111-111111111111', NULL, NULL,
				'', 'email', 'ä €😀 "'' \', -1, 9223372036854775807, 0.1, 1, '{"b":[1.50,1e2,null,"\u00e9"],"a":{}}', 'null', X'', '0001-01-01 00:00:00+00:00', '2026-11-26 12:30:00.123456+02:00', 7),
			('bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb', '11111111-1111-4111-8111-111111111111', 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa', NULL,
				NULL, NULL, NULL, NULL, NULL, NULL, NULL, '', NULL, NULL, NULL, NULL, NULL),
			('cccccccc-cccc-4ccc-8ccc-cccccccccccc', '11111111-1111-4111-8111-111111111111', 'cccccccc-cccc-4ccc-8ccc-cccccccccccc', NULL,
				'Ada', 'x', ' ', 2147483647, 0, -0.0, 'false', '7', '{"a":1, "a":2}', X'00ff27', '9999-12-31 23:59:59.999999+00:00', '2026-11-26 10:30:00', 0);
		INSERT INTO homes VALUES ('dddddddd-dddd-4ddd-8ddd-dddddddddddd', 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa');
		UPDATE people SET home = 'dddddddd-dddd-4ddd-8ddd-dddddddddddd' WHERE name = 'Ada';
		INSERT INTO schema_migration VALUES ('sqlite only');
		INSERT INTO identityd_note VALUES ('n', 1764153000123);`
)

type house struct {
	dialect store.Dialect
	db      *sql.DB
}

func sqlite(t *testing.T) house {
	t.Helper()
	hydra, _, err := store.Resolve(store.Settings{URL: "sqlite://" + t.TempDir(), Pool: store.Pool{MaxOpen: 4}})
	if err != nil {
		t.Fatal(err)
	}
	return newHouse(t, hydra, sqliteSchema)
}

func postgres(t *testing.T) house {
	t.Helper()
	server := pgtest.Shared(t)
	name, other := server.Databases(t)
	hydra, _, err := store.Resolve(store.Settings{
		URL: server.URL(), Hydra: store.Database{Name: name}, Kratos: store.Database{Name: other}, Pool: store.Pool{MaxOpen: 4},
	})
	if err != nil {
		t.Fatal(err)
	}
	admin, err := store.Open(hydra, "postgres")
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	execute(t, admin, "CREATE DATABASE "+name)
	return newHouse(t, hydra, serverSchema)
}

func newHouse(t *testing.T, d store.DSN, schema string) house {
	t.Helper()
	db, err := store.Open(d, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	for statement := range strings.SplitSeq(schema, ";\n") {
		execute(t, db, statement)
	}
	if err := store.MigrateOwn(t.Context(), db, d.Dialect()); err != nil {
		t.Fatal(err)
	}
	return house{d.Dialect(), db}
}

func execute(t *testing.T, db *sql.DB, statement string) {
	t.Helper()
	if strings.TrimSpace(statement) == "" {
		return
	}
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// furnished is a SQLite database with the data.
func furnished(t *testing.T) house {
	t.Helper()
	h := sqlite(t)
	for statement := range strings.SplitSeq(data, ";\n") {
		execute(t, h.db, statement)
	}
	return h
}

func copyTo(ctx context.Context, from, to house, progress func(move.Event)) (move.Summary, error) {
	return move.Run(ctx, move.Options{
		Databases: []move.Database{{Engine: "kratos", From: from.db, To: to.db}},
		From:      from.dialect, To: to.dialect, Progress: progress,
	})
}

func mustCopy(t *testing.T, from, to house) move.Summary {
	t.Helper()
	sum, err := copyTo(t.Context(), from, to, nil)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func rows(t *testing.T, h house, query string) []string {
	t.Helper()
	found, err := h.db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	names, err := found.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for found.Next() {
		values, into := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			into[i] = &values[i]
		}
		if err := found.Scan(into...); err != nil {
			t.Fatal(err)
		}
		out = append(out, strings.TrimSuffix(fmt.Sprintln(values...), "\n"))
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestThereAndBackAgain copies hostile values from SQLite to PostgreSQL and back, and back once more.
func TestThereAndBackAgain(t *testing.T) {
	first, server, last, other := furnished(t), postgres(t), sqlite(t), postgres(t)
	var sums []move.Summary
	for _, leg := range [][2]house{{first, server}, {server, last}, {last, other}} {
		sums = append(sums, mustCopy(t, leg[0], leg[1]))
	}
	for i, s := range sums[1:] {
		if diff := cmp.Diff(sums[0].Tables, s.Tables); diff != "" {
			t.Errorf("leg %d (-first +this):\n%s", i+2, diff)
		}
	}
	if sums[0].Rows != 6 {
		t.Errorf("got %d rows, want 6", sums[0].Rows)
	}
	const hostile = `SELECT name, kind, "order", age, CAST(big AS TEXT), twice, CAST(home AS TEXT), CAST(parent AS TEXT) FROM people ORDER BY id`
	want := rows(t, first, hostile)
	if got := rows(t, last, hostile); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	t.Run("the server has the values as its own types", func(t *testing.T) {
		got := rows(t, server, `SELECT (traits->'b'->>0)::text, octet_length(picture), seen = '0001-01-01', zoned = '2026-11-26 10:30:00.123456+00', admin, pk
			FROM people WHERE age = -1`)
		if diff := cmp.Diff([]string{"1.50 0 true true true 7"}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
	t.Run("SQLite has them as its driver writes them", func(t *testing.T) {
		got := rows(t, last, `SELECT typeof(+admin), typeof(+picture), typeof(+seen), +seen, +zoned FROM people WHERE age = -1`)
		want := []string{"integer blob text 0001-01-01 00:00:00+00:00 2026-11-26 10:30:00.123456+00:00"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
	t.Run("an empty text of JSON is the default of the server's column", func(t *testing.T) {
		if got := rows(t, server, "SELECT traits::text FROM people WHERE name IS NULL"); !slices.Equal(got, []string{"[]"}) {
			t.Errorf("got %q", got)
		}
	})
	t.Run("what each database keeps for itself stays its own", func(t *testing.T) {
		if got := rows(t, server, "SELECT count(*) FROM schema_migration"); !slices.Equal(got, []string{"0"}) {
			t.Errorf("got %q migrations of the source", got)
		}
		if got := rows(t, server, "SELECT count(*) FROM identityd_copy"); !slices.Equal(got, []string{"0"}) {
			t.Errorf("got %q rows of progress, want none at the end", got)
		}
	})
	t.Run("the same kind on both sides copies to the byte", func(t *testing.T) {
		twin := sqlite(t)
		mustCopy(t, first, twin)
		const all = "SELECT typeof(+traits), +traits, typeof(+seen), +seen, +admin, +raw, hex(picture) FROM people ORDER BY id"
		if diff := cmp.Diff(rows(t, first, all), rows(t, twin, all)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// TestManyRows is more than one batch, one row of which is larger than a batch is meant to be.
func TestManyRows(t *testing.T) {
	from := furnished(t)
	execute(t, from.db, `INSERT INTO people (id, nid, traits) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
		SELECT printf('%08x-0000-4000-8000-000000000000', i), '11111111-1111-4111-8111-111111111111',
			'"' || CASE i WHEN 700 THEN hex(zeroblob(3000000)) ELSE i END || '"' FROM n`)
	for _, to := range []house{postgres(t), sqlite(t)} {
		if sum := mustCopy(t, from, to); sum.Rows != 2506 {
			t.Errorf("got %d rows, want 2506", sum.Rows)
		}
	}
}

func TestInterrupted(t *testing.T) {
	for _, stop := range []string{"networks", "people", "homes", "identityd_note"} {
		t.Run("while "+stop+" is copied", func(t *testing.T) {
			from, to := furnished(t), postgres(t)
			want := mustCopy(t, from, sqlite(t))
			ctx, cancel := context.WithCancel(t.Context())
			_, err := copyTo(ctx, from, to, func(e move.Event) {
				if e.Table == stop {
					cancel()
				}
			})
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("got %v, want the end of the context", err)
			}
			unfinished, err := move.Unfinished(t.Context(), to.db, to.dialect)
			if err != nil || !unfinished {
				t.Errorf("got unfinished %v, %v", unfinished, err)
			}
			sum, err := copyTo(t.Context(), from, to, nil)
			if err != nil {
				t.Fatal(err)
			}
			if !sum.Resumed || sum.Rows != want.Rows || len(sum.Tables) != len(want.Tables) {
				t.Errorf("got %+v, want the rest of %d rows", sum, want.Rows)
			}
			if unfinished, err = move.Unfinished(t.Context(), to.db, to.dialect); err != nil || unfinished {
				t.Errorf("got unfinished %v, %v at the end", unfinished, err)
			}
		})
	}
}

// A failing connection: the server ends those of the target in the middle.
func TestTheTargetGoesAway(t *testing.T) {
	from, to := furnished(t), postgres(t)
	name := rows(t, to, "SELECT current_database()")[0]
	_, err := copyTo(t.Context(), from, to, func(e move.Event) {
		if e.Table == "homes" && e.Phase == move.PhaseCopy {
			pgtest.Shared(t).Admin(t, "ALTER DATABASE "+name+" ALLOW_CONNECTIONS false",
				"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"+name+"'")
		}
	})
	if err == nil {
		t.Fatal("the copy was finished without a database")
	}
	pgtest.Shared(t).Admin(t, "ALTER DATABASE "+name+" ALLOW_CONNECTIONS true")
	if sum := mustCopy(t, from, to); !sum.Resumed || sum.Rows != 6 {
		t.Errorf("got %+v", sum)
	}
}

func TestASourceThatChangedMeanwhile(t *testing.T) {
	from, to := furnished(t), postgres(t)
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := copyTo(ctx, from, to, func(e move.Event) {
		if e.Phase == move.PhaseVerify {
			cancel()
		}
	}); err == nil {
		t.Fatal("got no error")
	}
	execute(t, from.db, "UPDATE people SET name = 'Grace' WHERE name = 'Ada'")
	sum := mustCopy(t, from, to)
	kept := map[string]bool{}
	for _, table := range sum.Tables {
		kept[table.Name] = table.Kept
	}
	want := map[string]bool{"networks": true, "people": false, "homes": false, "identityd_note": true}
	for name, is := range want {
		if kept[name] != is {
			t.Errorf("%s: kept is %v, want %v", name, kept[name], is)
		}
	}
	if got := rows(t, to, "SELECT count(*) FROM people WHERE name = 'Grace' AND home IS NOT NULL"); !slices.Equal(got, []string{"1"}) {
		t.Errorf("got %q, want the new name", got)
	}
}

func TestATargetWithData(t *testing.T) {
	from, to := furnished(t), postgres(t)
	execute(t, to.db, "INSERT INTO networks VALUES ('22222222-2222-4222-8222-222222222222', now())")
	t.Run("may have a tenant that the migrations made", func(t *testing.T) {
		mustCopy(t, from, to)
		if got := rows(t, to, "SELECT CAST(id AS TEXT) FROM networks"); !slices.Equal(got, []string{"11111111-1111-4111-8111-111111111111"}) {
			t.Errorf("got tenants %q, want the source's", got)
		}
	})
	t.Run("is refused", func(t *testing.T) {
		_, err := copyTo(t.Context(), from, to, nil)
		var occupied *move.OccupiedError
		if !errors.As(err, &occupied) || !slices.Contains(occupied.Tables, "people") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("is refused where another copy was begun", func(t *testing.T) {
		target := postgres(t)
		ctx, cancel := context.WithCancel(t.Context())
		ended := func(move.Event) { cancel() }
		if _, err := copyTo(ctx, from, target, ended); err == nil {
			t.Fatal("got no error")
		}
		stranger := sqlite(t)
		execute(t, stranger.db, "INSERT INTO networks VALUES ('33333333-3333-4333-8333-333333333333', '2020-01-01')")
		if _, err := copyTo(t.Context(), stranger, target, nil); !errors.Is(err, move.ErrOtherCopy) {
			t.Errorf("got %v, want ErrOtherCopy", err)
		}
	})
}

func TestARowThatChangesBeforeItIsVerified(t *testing.T) {
	for name, change := range map[string]string{
		"another value": "UPDATE people SET traits = '{\"a\":1}' WHERE name = 'Ada'",
		"a space":       "UPDATE people SET \"order\" = '' WHERE name = 'Ada'",
		"a lost row":    "DELETE FROM identityd_note",
	} {
		t.Run(name, func(t *testing.T) {
			from, to := furnished(t), postgres(t)
			_, err := copyTo(t.Context(), from, to, func(e move.Event) {
				if e.Phase == move.PhaseCopy && e.Done && e.Number == e.Of {
					execute(t, to.db, change)
				}
			})
			var differs *move.DifferenceError
			if !errors.As(err, &differs) || len(differs.Tables) != 1 {
				t.Fatalf("got %v, want one table that differs", err)
			}
			if sum := mustCopy(t, from, to); !sum.Resumed || sum.Rows != 6 {
				t.Errorf("running it again: got %+v", sum)
			}
		})
	}
}

func TestWhatCannotBeCopiedIsNamed(t *testing.T) {
	for _, tt := range []struct{ name, change, want string }{
		{
			"a zero character", "UPDATE people SET \"order\" = 'a' || char(0) WHERE name = 'Ada'",
			"people: the column order of the row cccccccc-cccc-4ccc-8ccc-cccccccccccc contains the character U+0000",
		},
		{
			"one in JSON", `UPDATE people SET traits = '{"x":"\u0000"}' WHERE name = 'Ada'`,
			`people: the column traits of the row cccccccc-cccc-4ccc-8ccc-cccccccccccc contains the character \u0000`,
		},
		{
			"a reference to nobody", "PRAGMA foreign_keys = OFF; INSERT INTO homes VALUES ('eeeeeeee-eeee-4eee-8eee-eeeeeeeeeeee', '99999999-9999-4999-8999-999999999999')",
			"a row refers to one that does not exist (homes_owner_fkey)",
		},
		{
			"a time that is none", "UPDATE people SET seen = 'soon' WHERE name = 'Ada'",
			"people: the column seen of the row cccccccc-cccc-4ccc-8ccc-cccccccccccc is no time",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			from, to := furnished(t), postgres(t)
			execute(t, from.db, tt.change)
			_, err := copyTo(t.Context(), from, to, nil)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "INSERT") {
				t.Errorf("SQL is shown: %v", err)
			}
		})
	}
}

func TestSchemasThatDiffer(t *testing.T) {
	for _, tt := range []struct{ name, change, want string }{
		{"a column that the source lacks", "ALTER TABLE people DROP COLUMN ratio", "the source has no column people.ratio; run identityd migrate"},
		{"a column that only the source has", "ALTER TABLE people ADD COLUMN new TEXT", "the source has a column people.new, which this version does not know"},
		{"a table that only the source has", "CREATE TABLE new (id TEXT)", "the source has a table new, which this version does not know"},
		{"a table that the source lacks", "DROP TABLE homes", "the source has no table homes; run identityd migrate"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			from, to := sqlite(t), postgres(t)
			execute(t, from.db, tt.change)
			if _, err := copyTo(t.Context(), from, to, nil); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestLeasesGoOnCounting(t *testing.T) {
	from, to := furnished(t), postgres(t)
	execute(t, from.db, "INSERT INTO identityd_lease VALUES ('janitor', 'me', 41, 9999999999999), ('old', '', 2, 0)")
	execute(t, to.db, "INSERT INTO identityd_lease VALUES ('old', '', 5, '1970-01-01')")
	mustCopy(t, from, to)
	got := rows(t, to, "SELECT name, holder, fence, expires_at < now() FROM identityd_lease ORDER BY name")
	if diff := cmp.Diff([]string{"janitor  41 true", "old  5 true"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
