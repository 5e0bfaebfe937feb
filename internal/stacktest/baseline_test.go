package stacktest

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/baseline"
	"example.com/identityd/internal/golden"
	"example.com/identityd/internal/store"
)

var update = golden.Flag()

// TestBaselines migrates databases and makes others from the baselines: nothing may differ. With
// -update it writes the baselines instead (make baseline).
func TestBaselines(t *testing.T) {
	for _, d := range []store.Dialect{store.SQLite, store.Postgres, store.Cockroach} {
		t.Run(string(d), func(t *testing.T) {
			migrated := emptyDatabases(t, d, origin)
			for engine, db := range migrated {
				db.migrated(t)
				if *update {
					writeBaseline(t, db)
					continue
				}
				// In a schema of another name: the baseline must not have kept the one it was made in.
				made := emptyDatabases(t, d, "elsewhere")[engine]
				made.fromBaseline(t)
				t.Run("nothing differs between a migrated and a made database of "+engine, func(t *testing.T) {
					want, got := snap(t, db), snap(t, made)
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("run make baseline if the engine was upgraded (-migrated +made):\n%s", diff)
					}
					t.Log(want.counts())
				})
				t.Run("the engine finds nothing left to do in "+engine, func(t *testing.T) {
					e := made.open(t)
					state, err := e.SchemaState(t.Context())
					if err != nil || state.Pending > 0 || state.Applied == 0 {
						t.Errorf("got %+v, %v, want no migration pending", state, err)
					}
				})
			}
		})
	}
}

func (d database) fromBaseline(t testing.TB) {
	t.Helper()
	b, ok := baseline.For(d.engine, d.dsn.Dialect())
	if !ok && d.dsn.Dialect() == store.Cockroach {
		t.Skip("SKIP: no baseline was made on a CockroachDB cluster yet (make baseline)")
	}
	if !ok {
		t.Fatalf("there is no baseline of %s for %s", d.engine, d.dsn.Dialect())
	}
	if made, err := b.Apply(t.Context(), d.db); err != nil || !made {
		t.Fatalf("got %t, %v, want the database made", made, err)
	}
}
