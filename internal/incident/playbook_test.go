package incident

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAPlaybookGoesOnWhereItStopped(t *testing.T) {
	var did []string
	broken := errors.New("the database is away")
	step := func(name string) Step {
		return Step{Name: name, Do: func(context.Context) (string, error) {
			did = append(did, name)
			if name == "second" {
				return "half of it", broken
			}
			return "all of it", nil
		}}
	}
	p := Playbook{Incident: "test", Steps: []Step{step("first"), step("second"), {Name: "restart", Does: "restart"}, step("third")}}
	states := func(r Result) (out []string) {
		for _, s := range r.Steps {
			out = append(out, s.State)
		}
		return out
	}
	var told []string
	tell := func(r Report) { told = append(told, r.Name+" "+r.State) }
	check := func(r Result, goOn string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, states(r)); diff != "" || r.GoOn != goOn {
			t.Errorf("go on with %q, states (-want +got):\n%s", r.GoOn, diff)
		}
	}

	plan, err := p.Plan("")
	if err != nil || !plan.DryRun || did != nil {
		t.Errorf("got %+v, %v, and it did %v", plan, err, did)
	}
	check(plan, "", Planned, Planned, Yours, Planned)

	r, err := p.Run(t.Context(), "", tell)
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "in the step second") {
		t.Errorf("got %v, want which step failed", err)
	}
	check(r, "second", Done, Failed, Yours, Planned)

	broken = nil
	r, err = p.Run(t.Context(), "second", tell)
	if err != nil {
		t.Error(err)
	}
	check(r, "third", Skipped, Done, Yours, Planned)

	r, err = p.Run(t.Context(), "third", tell)
	if err != nil {
		t.Error(err)
	}
	check(r, "", Skipped, Skipped, Skipped, Done)

	want := []string{"first done", "second failed", "second done", "restart yours", "third done"}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"first", "second", "second", "third"}, did); diff != "" {
		t.Errorf("did (-want +got):\n%s", diff)
	}
	if _, err := p.Plan("fourth"); err == nil || !strings.Contains(err.Error(), "the steps are first, second, restart, third") {
		t.Errorf("got %v, want the steps there are", err)
	}
}
