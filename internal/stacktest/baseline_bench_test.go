package stacktest

import (
	"slices"
	"testing"
	"time"

	"example.com/identityd/internal/baseline"
	"example.com/identityd/internal/store"
)

// BenchmarkEmptyDatabase fills both databases by the migrations and by the baselines, in turns, and
// reports the medians in milliseconds and their ratio. Databases and engines are made outside of the
// measured time:
//
//	go test -tags sqlite -run '^$' -bench EmptyDatabase -benchtime 5x ./internal/stacktest
func BenchmarkEmptyDatabase(b *testing.B) {
	for _, d := range []store.Dialect{store.SQLite, store.Postgres} {
		b.Run(string(d), func(b *testing.B) {
			var migrating, making []time.Duration
			for range b.N {
				migrating = append(migrating, fill(b, d, func(e schemaOwner, db database) error {
					return e.Migrations().Up(b.Context(), db.dsn.Reveal(), nil)
				}))
				making = append(making, fill(b, d, func(_ schemaOwner, db database) error {
					base, _ := baseline.For(db.engine, d)
					_, err := base.Apply(b.Context(), db.db)
					return err
				}))
			}
			m, f := median(migrating), median(making)
			b.ReportMetric(0, "ns/op") // of both together: it says nothing
			b.ReportMetric(float64(m.Microseconds())/1000, "ms/migrations")
			b.ReportMetric(float64(f.Microseconds())/1000, "ms/baseline")
			b.ReportMetric(float64(f)/float64(m), "ratio")
		})
	}
}

// fill returns how long both databases took.
func fill(b *testing.B, d store.Dialect, by func(schemaOwner, database) error) time.Duration {
	b.Helper()
	var took time.Duration
	for _, db := range emptyDatabases(b, d, "public") {
		e := db.open(b)
		if err := db.db.PingContext(b.Context()); err != nil { // the engine has its connection, too
			b.Fatal(err)
		}
		began := time.Now()
		if err := by(e, db); err != nil {
			b.Fatal(err)
		}
		took += time.Since(began)
		state, err := e.Migrations().State(b.Context())
		if err != nil || len(state.Pending) > 0 {
			b.Fatalf("got %+v, %v, want nothing pending", state, err)
		}
	}
	return took
}

func median(of []time.Duration) time.Duration {
	slices.Sort(of)
	return of[len(of)/2]
}
