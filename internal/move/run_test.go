package move_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/move"
	"example.com/identityd/internal/pgtest"
)

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
		stop := func(move.Event) { cancel() }
		if _, err := copyTo(ctx, from, target, stop); err == nil {
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
