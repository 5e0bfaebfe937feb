package crdbtest_test

import (
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/crdbtest"
	"example.com/identityd/internal/regions"
	"example.com/identityd/internal/stack"
	"example.com/identityd/internal/stacktest"
)

var threeRegions = []string{"eu-west-1", "us-east-1", "ap-south-1"}

func goal(survive, rows string) place {
	return place{
		"database.regions.primary": "eu-west-1", "database.regions.others": "us-east-1,ap-south-1",
		"database.regions.survive": survive, "database.regions.rows": rows,
	}
}

// apply runs identityd regions apply, and checks that nothing is left to do.
func (p place) apply(t *testing.T) int {
	t.Helper()
	opts := stack.Options{Log: slog.New(slog.DiscardHandler), Version: "test"}
	o := stack.RegionsOptions{Tell: func(now stack.RegionsProgress) {
		t.Logf("%d/%d %s %s %s", now.Number, now.Total, now.State, now.Elapsed, now.Step.SQL)
	}}
	n, err := stack.RegionsApply(t.Context(), p.config(t), opts, o)
	var refused *regions.RefusedError
	if errors.As(err, &refused) && strings.Contains(refused.Reason, "license") {
		t.Skipf("SKIP: %v; set %s and %s", err, crdbtest.LicenseVariable, crdbtest.OrganizationVariable)
	}
	if err != nil {
		t.Fatalf("after %d statements: %v", n, err)
	}
	status, err := stack.RegionsStatus(t.Context(), p.config(t), opts, o)
	if err != nil || len(status.Drift) != 0 || len(status.Running) != 0 {
		t.Fatalf("after apply: got drift %v, running %v, %v", status.Drift, status.Running, err)
	}
	if again, err := stack.RegionsApply(t.Context(), p.config(t), opts, o); again != 0 || err != nil {
		t.Errorf("a second apply: got %d statements, %v, want none", again, err)
	}
	return n
}

func TestRegions(t *testing.T) {
	c := crdbtest.StartCluster(t, threeRegions...)
	where := at(c.URL(), "hydra", "kratos", filepath.Join(t.TempDir(), "data"))
	if err := where.migrate(t); err != nil {
		t.Fatal(err)
	}
	opts := stack.Options{Log: slog.New(slog.DiscardHandler), Version: "test"}
	t.Run("a region that no node is in is refused", func(t *testing.T) {
		wrong := where.with(goal("zone", "primary")).with(place{"database.regions.others": "mars"})
		_, err := stack.RegionsPlan(t.Context(), wrong.config(t), opts, stack.RegionsOptions{})
		want := "the cluster has no node in mars (it has ap-south-1, eu-west-1, us-east-1); " +
			"start nodes there with --locality=region=<region>, or correct database.regions"
		if err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	})
	if n := where.with(goal("zone", "primary")).apply(t); n != 14 {
		t.Errorf("zone survival: got %d statements, want 14", n)
	}
	stacktest.Start(t, where.options()...).Journey(t, client, 2)
	t.Run("surviving a region is one statement for each database", func(t *testing.T) {
		if n := where.with(goal("region", "primary")).apply(t); n != 2 {
			t.Errorf("got %d statements, want 2", n)
		}
	})
	t.Run("rows may live where they were written", func(t *testing.T) {
		if n := where.with(goal("region", "local")).apply(t); n != 30 {
			t.Errorf("got %d statements, want 30", n)
		}
		got := column(t, c.DB(t, "hydra"), "SELECT locality FROM [SHOW TABLES] WHERE table_name IN ('hydra_oauth2_flow', 'hydra_oauth2_jti_blacklist') ORDER BY table_name")
		if diff := cmp.Diff([]string{"REGIONAL BY ROW", "REGIONAL BY TABLE IN PRIMARY REGION"}, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		stacktest.Start(t, where.options()...).Journey(t, client, 2)
	})
	t.Run("and go back, and a region be dropped", func(t *testing.T) {
		where.with(goal("zone", "primary")).apply(t)
		fewer := where.with(goal("zone", "primary")).with(place{"database.regions.others": "us-east-1"})
		n, err := stack.RegionsApply(t.Context(), fewer.config(t), opts, stack.RegionsOptions{Drop: true, Tell: func(stack.RegionsProgress) {}})
		if n != 2 || err != nil {
			t.Errorf("got %d statements, %v, want 2", n, err)
		}
		stacktest.Start(t, where.options()...).Journey(t, client, 2)
	})
}
