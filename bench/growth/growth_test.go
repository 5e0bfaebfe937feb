package growth_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/identityd/bench/growth"
	"example.com/identityd/bench/ops"
	"example.com/identityd/bench/postgres"
	"example.com/identityd/bench/side"
	"example.com/identityd/bench/wire"
)

// TestFilledRowsAreWhole fills the databases of both sides, looks at every foreign key, and takes people who were filled in through a whole sign-in.
func TestFilledRowsAreWhole(t *testing.T) {
	if os.Getenv("IDENTITYD_TEST_LONG") == "" {
		t.Skip("SKIP: IDENTITYD_TEST_LONG is not set: it builds and starts both sides")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
	defer cancel()
	dir := os.Getenv("IDENTITYD_BENCH_BIN")
	if dir == "" {
		dir = t.TempDir()
	}
	programs, err := side.Build(ctx, filepath.Join("..", ".."), dir, "")
	check(t, err)
	pg, err := postgres.Start(ctx, postgres.Settings{Volatile: true})
	check(t, err)
	t.Cleanup(func() { check(t, pg.Close()) })
	for _, s := range programs.Sides() {
		t.Run(s.Name(), func(t *testing.T) {
			hydra, kratos := "growth_hydra_"+s.Name(), "growth_kratos_"+s.Name()
			check(t, pg.Recreate(ctx, hydra, kratos))
			o := side.Options{Dir: t.TempDir(), Hasher: side.NoCost, Databases: side.Databases{Hydra: pg.URL(hydra), Kratos: pg.URL(kratos)}}
			r, err := s.Start(ctx, o)
			check(t, err)
			t.Cleanup(func() { check(t, r.Stop()) })
			fillAndUse(ctx, t, r)
		})
	}
}

func fillAndUse(ctx context.Context, t *testing.T, r *side.Running) {
	t.Helper()
	var who side.Population
	left, err := growth.Grown(ctx, r.Databases.Kratos, func() (err error) {
		who, err = r.Provision(ctx, side.Want{Public: 1, People: 1, Prefix: "template"})
		return err
	})
	check(t, err)
	// The trail, leases and the like are identityd's own and none of them part of a person.
	if left = slices.DeleteFunc(left, func(name string) bool { return strings.HasPrefix(name, "identityd_") }); len(left) > 0 {
		t.Errorf("the API wrote %v too for a person, which filling leaves out", left)
	}
	target := &ops.Target{Name: r.Side, Wire: wire.New(r.Listeners()), At: r.Addresses, Population: who, Run: "growth"}
	defer target.Wire.CloseIdle()
	use(ctx, t, target)

	from := growth.Template{Person: who.People[0]}
	const most = 1200
	for _, to := range [][2]int{{1, 1000}, {1001, most}} {
		check(t, from.FillPeople(ctx, r.Databases.Kratos, to[0], to[1]))
		check(t, from.FillTokens(ctx, r.Databases.Hydra, to[0], to[1]))
	}
	for _, database := range []string{r.Databases.Hydra, r.Databases.Kratos} {
		broken, err := growth.Orphans(ctx, database)
		check(t, err)
		if len(broken) > 0 {
			t.Errorf("foreign keys that do not hold: %v", broken)
		}
	}
	for _, i := range []int{1, 1000, most} {
		target.People = []side.Person{from.Copy(i)}
		use(ctx, t, target)
	}
}

// use signs the first person in and takes an application through the code flow, which compares whom the tokens are about.
func use(ctx context.Context, t *testing.T, target *ops.Target) {
	t.Helper()
	named, err := ops.Named("code")
	check(t, err)
	do, err := named[0].Prepare(ctx, target, 1)
	check(t, err)
	if err := do(ctx); err != nil {
		t.Errorf("a sign-in of %s: %v", target.People[0].Email, err)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
