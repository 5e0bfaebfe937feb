package regions

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/golden"
)

var update = golden.Flag()

func text(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, diff)
	}
}

func TestPlan(t *testing.T) {
	all := []string{"ap-south-1", "eu-west-1", "us-east-1"}
	survive, local := three(), three()
	survive.Survive = "region"
	local.Rows = "local"
	drifted := after(fresh(all...), three(), -1)
	drifted.Databases[0].Tables[0].Locality = `REGIONAL BY TABLE IN "us-east-1"`
	drifted.Databases[1].Survive = "region"
	drifted.Databases[1].Tables = append(drifted.Databases[1].Tables, Table{Name: "somebody_elses", Locality: Primary})
	smaller := three()
	smaller.Others = smaller.Others[:1]
	moved := Goal{Primary: "us-east-1", Others: []string{"eu-west-1", "ap-south-1"}, Survive: "zone", Rows: "primary"}
	big := after(fresh(all...), three(), -1)
	for i := range big.Databases[0].Tables {
		big.Databases[0].Tables[i].Rows = 1_200_000
	}
	tests := []struct {
		file  string
		state State
		goal  Goal
		drop  bool
	}{
		{"one-region", fresh("eu-west-1"), Goal{Primary: "eu-west-1", Survive: "zone", Rows: "primary"}, false},
		{"three-regions-zone", fresh(all...), three(), false},
		{"three-regions-region", fresh(all...), survive, false},
		{"half-applied", after(fresh(all...), survive, 7), survive, false},
		{"drifted", drifted, three(), false},
		{"rows-local", big, local, false},
		{"rows-back-to-primary", after(big, local, -1), three(), false},
		{"region-left-the-file", after(fresh(all...), three(), -1), smaller, false},
		{"region-dropped", after(fresh(all...), survive, -1), smaller, true},
		{"primary-moved", after(fresh(all...), three(), -1), moved, false},
		{"not-migrated", State{Cluster: all, Databases: []Database{{Engine: "hydra", Name: "hydra"}, {Engine: "kratos", Name: "kratos"}}}, three(), false},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			p, err := Make(tt.state, tt.goal, Options{Drop: tt.drop})
			if err != nil {
				t.Fatal(err)
			}
			text(t, tt.file+".txt", p.Text())
			// What was planned is enough, and nothing is left to do.
			m := model{clone(tt.state)}
			for _, s := range p.Steps {
				m.run(s.SQL)
			}
			rest, err := Make(m.state, tt.goal, Options{Drop: tt.drop})
			if err != nil || len(rest.Steps) != 0 {
				t.Errorf("after the plan: got %v, %v, want nothing left", rest.Steps, err)
			}
		})
	}
}

func TestAPlanQuotesNames(t *testing.T) {
	s := State{Cluster: []string{`a"b`}, Databases: []Database{{Engine: "hydra", Name: `my"db`, Tables: []Table{{Name: "hydra_client"}}}}}
	p, err := Make(s, Goal{Primary: `a"b`, Survive: "zone", Rows: "primary"}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, step := range p.Steps {
		got = append(got, step.SQL)
	}
	want := []string{
		`ALTER DATABASE "my""db" SET PRIMARY REGION "a""b"`,
		`ALTER TABLE "my""db"."public"."hydra_client" SET LOCALITY GLOBAL`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestAPlanIsRefused(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		cluster    []string
	}{
		{
			"when nodes have no locality",
			"no node of the cluster has a region; restart each node with --locality=region=<region>,zone=<zone>, one after another", nil,
		},
		{
			"when a region is unknown to the cluster", "the cluster has no node in us-east-1, ap-south-1 (it has eu-west-1); " +
				"start nodes there with --locality=region=<region>, or correct database.regions", []string{"eu-west-1"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Make(fresh(tt.cluster...), three(), Options{})
			var refused *RefusedError
			if !errors.As(err, &refused) || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestOptIn(t *testing.T) {
	local := three()
	local.Rows = "local"
	for _, tt := range []struct {
		engine, table string
		want          Locality
	}{
		{"hydra", "hydra_oauth2_jti_blacklist", Primary},
		{"hydra", "hydra_oauth2_flow", ByRow},
		{"hydra", "networks", Global},
		{"kratos", "sessions", ByRow},
		{"kratos", "courier_messages", Primary},
		{"kratos", "identityd_lease", Primary},
		{"kratos", "identityd_of_tomorrow", Primary},
		{"kratos", "networks", Global},
	} {
		if got, known := Place(tt.engine, tt.table, local); got != tt.want || !known {
			t.Errorf("%s.%s: got %s, %v, want %s", tt.engine, tt.table, got, known, tt.want)
		}
	}
	if got, known := Place("hydra", "sessions", local); got != Primary || known {
		t.Errorf("a table of the other engine: got %s, %v, want the primary region and unknown", got, known)
	}
}

func TestStatus(t *testing.T) {
	all := []string{"ap-south-1", "eu-west-1", "us-east-1"}
	goal := three()
	drifted := after(fresh(all...), goal, -1)
	drifted.Databases[0].Tables[0].Locality = Primary
	drifted.Databases[1].Regions = append(drifted.Databases[1].Regions, "us-west-1")
	job := Job{ID: 9, Status: "running", Fraction: 0.4, Description: "ALTER TABLE hydra.public.hydra_client\n SET LOCALITY GLOBAL"}
	good := Compare(after(fresh(all...), goal, -1), &goal, nil)
	good.Server, good.License = "CockroachDB v25.2.3", "free until 2027-03-01"
	for name, s := range map[string]Status{
		"status-none":    Compare(fresh(), nil, nil),
		"status-good":    good,
		"status-drifted": Compare(drifted, &goal, []Job{job}),
		"status-refused": Compare(fresh("eu-west-1"), &goal, nil),
	} {
		t.Run(name, func(t *testing.T) {
			text(t, name+".txt", s.Text())
			golden.JSON(t, *update, name+".json", s)
		})
	}
}
