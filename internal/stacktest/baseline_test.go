package stacktest

import (
	"context"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/baseline"
	"example.com/identityd/internal/golden"
	"example.com/identityd/internal/ory"
	"example.com/identityd/internal/store"
)

var update = golden.Flag()

// TestBaselines migrates databases and makes others from the baselines: nothing may differ, the
// record of the migrations included. With -update it writes the baselines instead (make baseline).
func TestBaselines(t *testing.T) {
	notOnStandIn(t, migrates)
	for _, d := range []store.Dialect{store.SQLite, store.Postgres, store.Cockroach} {
		t.Run(string(d), func(t *testing.T) {
			migrated := emptyDatabases(t, d, origin)
			for _, db := range migrated {
				db.migrated(t)
				if *update {
					writeBaseline(t, db)
				}
			}
			if *update {
				return
			}
			// In a schema of another name: the baseline must not have kept the one it was made in.
			made, late := emptyDatabases(t, d, "elsewhere"), emptyDatabases(t, d, "elsewhere")
			for engine, db := range migrated {
				t.Run("nothing differs between a migrated and a made database of "+engine, func(t *testing.T) {
					made[engine].fromBaseline(t)
					want, got := snap(t, db), snap(t, made[engine])
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("run make baseline if the engine was upgraded (-migrated +made):\n%s", diff)
					}
					t.Log(want.counts())
				})
				t.Run("the migrations go on where an older baseline of "+engine+" ends", func(t *testing.T) {
					if engine == "kratos" && os.Getenv("IDENTITYD_TEST_LONG") == "" {
						t.Skip("SKIP: Kratos' many migrations run twice with IDENTITYD_TEST_LONG=1 only")
					}
					const newer = 25
					late[engine].fromOlder(t, emptyDatabases(t, d, origin)[engine], newer)
					if diff := cmp.Diff(snap(t, db), snap(t, late[engine])); diff != "" {
						t.Errorf("(-migrated +made by an older baseline, then migrated):\n%s", diff)
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

// fromOlder fills d as a release does whose baseline lacks the last migrations. It makes that baseline
// on the empty database other, whose migrations it ends in time.
func (d database) fromOlder(t *testing.T, other database, lacks int) {
	t.Helper()
	m := other.open(t).Migrations()
	first := m.Steps()[len(m.Steps())-lacks]
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err := m.Up(ctx, other.dsn.Reveal(), func(s ory.Step) {
		if s.Version == first.Version {
			cancel()
		}
	})
	if state, stateErr := m.State(t.Context()); err == nil || stateErr != nil || len(state.Pending) != lacks {
		t.Fatalf("got %v, %d pending (%v), want the migrations ended by the test before the last %d", err, len(state.Pending), stateErr, lacks)
	}
	older := baseline.New(d.dsn.Dialect(), other.dump(t))

	m = d.open(t).Migrations()
	m.Baseline = older.Apply
	var ran []string
	if err := m.Up(t.Context(), d.dsn.Reveal(), func(s ory.Step) { ran = append(ran, s.Version) }); err != nil {
		t.Fatal(err)
	}
	if len(ran) != lacks || ran[0] != first.Version {
		t.Errorf("got %d migrations from %v, want the %d that the baseline lacks", len(ran), ran, lacks)
	}
	if state, err := m.State(t.Context()); err != nil || len(state.Pending) > 0 || state.Applied != len(m.Steps()) {
		t.Errorf("got %+v, %v, want nothing pending", state, err)
	}
}
