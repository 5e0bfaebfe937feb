package regions

import (
	"fmt"
	"slices"
	"strings"
)

// Text is the plan for people.
func (p Plan) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "goal: %s\n", p.Goal)
	engine, said := "", map[string]bool{}
	for i, s := range p.Steps {
		if s.Engine != engine {
			engine = s.Engine
			fmt.Fprintf(&b, "\n%s\n", engine)
		}
		fmt.Fprintf(&b, "%4d. %s;\n", i+1, s.SQL)
		for _, sentence := range []string{s.Now, s.Then} {
			// The same price is told once.
			if sentence != "" && !said[sentence] {
				said[sentence] = true
				fmt.Fprintf(&b, "      %s\n", sentence)
			}
		}
	}
	if len(p.Steps) == 0 {
		b.WriteString("\nnothing to do: both databases are as configured\n")
	}
	writeList(&b, "not changed", p.Notes)
	return b.String()
}

// String is the goal in one line.
func (g Goal) String() string {
	others := "none"
	if len(g.Others) > 0 {
		others = strings.Join(g.Others, ", ")
	}
	return fmt.Sprintf("primary region %s; others %s; survive the loss of a %s; rows %s", g.Primary, others, g.Survive, g.Rows)
}

// Status is a state beside its goal.
type Status struct {
	State
	// Server and License are what the cluster says of itself.
	Server  string `json:"server,omitempty"`
	License string `json:"license,omitempty"`
	// Goal is nil when database.regions is not set.
	Goal *Goal `json:"goal,omitempty"`
	// Refused says why the goal cannot be reached; empty when it can.
	Refused string `json:"refused,omitempty"`
	// Drift are the differences: statements that apply would run, and what it would leave.
	Drift []string `json:"drift"`
	// Running are schema changes that go on now.
	Running []Job `json:"running,omitempty"`
}

// Compare makes a status; goal may be nil.
func Compare(s State, goal *Goal, running []Job) Status {
	out := Status{State: s, Goal: goal, Drift: []string{}, Running: running}
	if goal == nil {
		return out
	}
	p, err := Make(s, *goal, Options{})
	if err != nil {
		out.Refused = err.Error()
		return out
	}
	for _, step := range p.Steps {
		out.Drift = append(out.Drift, step.SQL)
	}
	out.Drift = append(out.Drift, p.Notes...)
	return out
}

// Text is the status for people.
func (s Status) Text() string {
	var b strings.Builder
	if s.Server != "" {
		fmt.Fprintf(&b, "server:  %s; license: %s\n", s.Server, s.License)
	}
	fmt.Fprintf(&b, "cluster: %s\n", orNone(s.Cluster))
	if s.Goal == nil {
		b.WriteString("goal:    none; database.regions is not set\n")
	} else {
		fmt.Fprintf(&b, "goal:    %s\n", s.Goal)
	}
	for _, db := range s.Databases {
		fmt.Fprintf(&b, "\n%s (%s)\n", db.Name, db.Engine)
		if db.Primary == "" {
			fmt.Fprintf(&b, "  no regions; %d tables\n", len(db.Tables))
			continue
		}
		fmt.Fprintf(&b, "  primary region %s; others %s; survives the loss of a %s\n",
			db.Primary, orNone(slices.DeleteFunc(slices.Clone(db.Regions), func(r string) bool { return r == db.Primary })), db.Survive)
		byLocality := map[Locality][]string{}
		var order []Locality
		for _, t := range db.Tables {
			if byLocality[t.Locality] == nil {
				order = append(order, t.Locality)
			}
			byLocality[t.Locality] = append(byLocality[t.Locality], t.Name)
		}
		slices.Sort(order)
		for _, l := range order {
			fmt.Fprintf(&b, "  %s: %s\n", l, strings.Join(byLocality[l], ", "))
		}
	}
	var jobs []string
	for _, j := range s.Running {
		jobs = append(jobs, j.String())
	}
	writeList(&b, "running now", jobs)
	switch {
	case s.Refused != "":
		fmt.Fprintf(&b, "\ncannot be reached: %s\n", s.Refused)
	case s.Goal != nil && len(s.Drift) == 0:
		b.WriteString("\nas configured\n")
	default:
		writeList(&b, "differs (identityd regions plan has the details)", s.Drift)
	}
	return b.String()
}

func writeList(b *strings.Builder, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", title)
	for _, line := range lines {
		fmt.Fprintf(b, "  - %s\n", line)
	}
}

func orNone(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
}
