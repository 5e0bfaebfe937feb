package store_test

import (
	"context"
	"database/sql"
	"errors"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"example.com/identityd/internal/store"
)

// random is repeatable: a failure names the seed that IDENTITYD_TEST_SEED takes.
func random(t testing.TB) *rand.Rand {
	t.Helper()
	seed := rand.Uint64()
	if s := os.Getenv("IDENTITYD_TEST_SEED"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("IDENTITYD_TEST_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // a test
}

// modelRow says what the row of a lease is.
type modelRow struct {
	fence    int64
	released bool
	expires  time.Time
}

func (r modelRow) free(now time.Time) bool {
	return r.fence == 0 || r.released || !r.expires.After(now)
}

// The statements against a model, on a clock that also goes back.
func TestLeaseRowsFollowTheModel(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			e := kind.make(t)
			db, r := migrated(t, e), random(t)
			instant := "TIMESTAMPTZ"
			if e.dialect == store.SQLite {
				instant = "INTEGER"
			}
			must(t, db, "CREATE TABLE model_clock (at "+instant+" NOT NULL)")
			now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
			must(t, db, "INSERT INTO model_clock VALUES ("+literal(e.dialect, now)+")")
			rows, model := store.NewModelRows(db, e.dialect), map[string]modelRow{}
			ctx := t.Context()
			for step := range 400 {
				name := []string{"courier", "janitor"}[r.IntN(2)]
				row := model[name]
				ttl := time.Duration(1+r.IntN(5)) * time.Second
				fence := max(row.fence-int64(r.IntN(2)), 0) // the latest or the one before
				switch what := r.IntN(6); what {
				case 0, 1:
					now = now.Add(time.Duration(r.IntN(6000)-2000) * time.Millisecond)
					must(t, db, "UPDATE model_clock SET at = "+literal(e.dialect, now))
				case 2, 3:
					got, err := rows.Take(ctx, name, "somebody", ttl)
					var want int64
					if row.free(now) {
						want = row.fence + 1
						model[name] = modelRow{fence: want, expires: now.Add(ttl)}
					}
					if err != nil || got != want {
						t.Fatalf("step %d: take: got %d, %v, want %d", step, got, err, want)
					}
				case 4:
					got, err := rows.Renew(ctx, name, fence, ttl)
					want := row.fence > 0 && fence == row.fence && !row.released
					if want {
						row.expires = now.Add(ttl)
						model[name] = row
					}
					if err != nil || got != want {
						t.Fatalf("step %d: renew %d: got %t, %v, want %t", step, fence, got, err, want)
					}
				case 5:
					if err := rows.Release(ctx, name, fence); err != nil {
						t.Fatalf("step %d: release: %v", step, err)
					}
					if fence == row.fence && fence > 0 {
						row.released = true
						model[name] = row
					}
				}
				got, err := rows.Free(ctx, name)
				if want := model[name].free(now); err != nil || got != want {
					t.Fatalf("step %d: free: got %t, %v, want %t", step, got, err, want)
				}
			}
			for name, row := range model {
				if got := fenceOf(t, db, name); got != row.fence || got < 10 {
					t.Errorf("%s: got fence %d at the end, want %d, and enough of them to mean something", name, got, row.fence)
				}
			}
		})
	}
}

func literal(d store.Dialect, at time.Time) string {
	if d == store.SQLite {
		return strconv.FormatInt(at.UnixMilli(), 10)
	}
	return "'" + at.Format(time.RFC3339Nano) + "'"
}

func fenceOf(t testing.TB, db *sql.DB, name string) int64 {
	t.Helper()
	var fence int64
	err := db.QueryRowContext(context.Background(), "SELECT fence FROM identityd_lease WHERE name = $1", name).Scan(&fence)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		t.Fatal(err)
	}
	return fence
}
