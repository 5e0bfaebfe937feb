package incident

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// The states of a step in a report.
const (
	Planned = "planned"
	Done    = "done"
	Skipped = "skipped"
	Failed  = "failed"
	// Yours is a step that a person does; what comes after it waits for that.
	Yours = "yours"
)

// Step is one thing to do.
type Step struct {
	// Name is by which a playbook is gone on with.
	Name string
	// Does says what happens, and Costs who notices.
	Does, Costs string
	// Do does it, and says what came of it. It may be done again. nil is for a person to do.
	Do func(context.Context) (string, error)
}

// Playbook is what to do about one kind of leak.
type Playbook struct {
	Incident string
	// Facts are what was found out before.
	Facts []string
	Steps []Step
	// Left is what is left to people in the end.
	Left []string
}

// Report is a step with what became of it.
type Report struct {
	Name   string `json:"name"`
	Does   string `json:"does"`
	Costs  string `json:"costs"`
	State  string `json:"state"`
	Result string `json:"result"`
}

// Result is what became of a playbook.
type Result struct {
	Incident string   `json:"incident"`
	DryRun   bool     `json:"dry_run"`
	Facts    []string `json:"facts"`
	Steps    []Report `json:"steps"`
	Left     []string `json:"left"`
	// GoOn is the step to go on with, where not all were done.
	GoOn string `json:"go_on"`
}

// Plan says what would be done, from a step on; empty is from the first.
func (p Playbook) Plan(from string) (Result, error) {
	r := Result{Incident: p.Incident, DryRun: true, Facts: append([]string{}, p.Facts...), Steps: []Report{}, Left: append([]string{}, p.Left...)}
	at, err := p.index(from)
	for i, s := range p.Steps {
		one := Report{Name: s.Name, Does: s.Does, Costs: s.Costs, State: Planned}
		switch {
		case i < at:
			one.State = Skipped
		case s.Do == nil:
			one.State = Yours
		}
		r.Steps = append(r.Steps, one)
	}
	return r, err
}

// Run does the steps, from one on, and tells of each. It ends where one failed, and where a person has to do
// something before the next.
func (p Playbook) Run(ctx context.Context, from string, tell func(Report)) (Result, error) {
	r, err := p.Plan(from)
	if err != nil {
		return r, err
	}
	r.DryRun = false
	for i, s := range p.Steps {
		if r.Steps[i].State == Skipped {
			continue
		}
		if s.Do == nil {
			tell(r.Steps[i])
			if i+1 < len(p.Steps) {
				r.GoOn = p.Steps[i+1].Name
			}
			return r, nil
		}
		result, err := s.Do(ctx)
		r.Steps[i].State, r.Steps[i].Result = Done, result
		if err != nil {
			r.Steps[i].State, r.GoOn = Failed, s.Name
			tell(r.Steps[i])
			return r, fmt.Errorf("in the step %s: %w", s.Name, err)
		}
		tell(r.Steps[i])
	}
	return r, nil
}

func (p Playbook) index(from string) (int, error) {
	if from == "" {
		return 0, nil
	}
	at := slices.IndexFunc(p.Steps, func(s Step) bool { return s.Name == from })
	if at < 0 {
		names := make([]string, 0, len(p.Steps))
		for _, s := range p.Steps {
			names = append(names, s.Name)
		}
		return 0, fmt.Errorf("there is no step %q; the steps are %s", from, strings.Join(names, ", "))
	}
	return at, nil
}
