package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"example.com/identityd/internal/incident"
)

func (a *app) incident() *cobra.Command {
	return group("incident", "Do what has to be done after a leak, step by step", `Playbooks for a leak. Without --yes each says what it would do, in which order, and what that costs: who is
signed out, which tokens end, what applications notice. With --yes it does the steps and tells of each;
where one fails it says with which --from to go on. What is left to people is said in the end.`,
		a.incidentSigningKey(), a.incidentClientSecret(), a.incidentAdminToken(), a.incidentDatabaseCopy())
}

// playing are the flags that all playbooks have.
type playing struct {
	yes  bool
	from string
	json *bool
}

func (p *playing) register(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&p.yes, "yes", false, "do it; without, it is only said what would be done")
	cmd.Flags().StringVar(&p.from, "from", "", "go on with this `step`")
	p.json = jsonFlag(cmd)
}

// made is what a playbook makes that is shown once, filled in by its steps.
type made struct {
	text   string
	values map[string]any
}

func (m *made) add(name string, value any, text string) {
	if m.values == nil {
		m.values = map[string]any{}
	}
	m.values[name] = value
	m.text += text + "\n"
}

// play says what a playbook would do, or does it. What was made on the way is shown also where a later step
// failed: nobody could read it again.
func (a *app) play(cmd *cobra.Command, p incident.Playbook, how playing, shown *made) error {
	plan, err := p.Plan(how.from)
	if err != nil {
		return &usageError{fmt.Errorf("--from: %w", err)}
	}
	if !how.yes {
		return a.show(*how.json, plan, func(out io.Writer) { printPlan(out, plan) })
	}
	tell := func(r incident.Report) {
		if !*how.json {
			printStep(a.stdout, r)
		}
	}
	result, failed := p.Run(cmd.Context(), how.from, tell)
	if *how.json {
		all := struct {
			incident.Result

			Made map[string]any `json:"made"`
		}{result, shown.values}
		if all.Made == nil {
			all.Made = map[string]any{}
		}
		if err := a.show(true, all, nil); err != nil {
			return err
		}
	} else {
		if shown.text != "" {
			fmt.Fprintf(a.stdout, "\n%s", shown.text)
		}
	}
	if failed != nil {
		return fmt.Errorf("%w\nWhat was done before stays done. When that is mended go on with: %s --from %s --yes", failed, invoked(cmd), result.GoOn)
	}
	if !*how.json {
		printLeft(a.stdout, result, invoked(cmd))
	}
	return nil
}

// invoked is the command as it was given, but for the flags that say how to go on.
func invoked(cmd *cobra.Command) string {
	words := append([]string{cmd.CommandPath()}, cmd.Flags().Args()...)
	cmd.Flags().Visit(func(f *pflag.Flag) {
		switch {
		case f.Name == "yes" || f.Name == "from" || f.Name == "json":
		case f.Value.Type() == "bool":
			words = append(words, "--"+f.Name)
		case f.Value.Type() == "stringArray":
			if list, ok := f.Value.(pflag.SliceValue); ok {
				for _, v := range list.GetSlice() {
					words = append(words, "--"+f.Name, v)
				}
			}
		default:
			words = append(words, "--"+f.Name, f.Value.String())
		}
	})
	return strings.Join(words, " ")
}

func printPlan(out io.Writer, r incident.Result) {
	for _, f := range r.Facts {
		fmt.Fprintln(out, f)
	}
	fmt.Fprintf(out, "\nThis is what would be done. Nothing was changed; do it with --yes.\n\n")
	for i, s := range r.Steps {
		whose := ""
		switch s.State {
		case incident.Yours:
			whose = " (yours)"
		case incident.Skipped:
			whose = " (skipped by --from)"
		}
		fmt.Fprintf(out, "%d. %s%s: %s\n", i+1, s.Name, whose, s.Does)
		if s.Costs != "" {
			fmt.Fprintf(out, "   Costs: %s\n", s.Costs)
		}
	}
	fmt.Fprintf(out, "\nLeft to you then:\n")
	for _, l := range r.Left {
		fmt.Fprintf(out, "  - %s\n", l)
	}
}

func printStep(out io.Writer, r incident.Report) {
	switch r.State {
	case incident.Done:
		fmt.Fprintf(out, "%s: done: %s\n", r.Name, r.Result)
	case incident.Yours:
		fmt.Fprintf(out, "%s: yours: %s\n", r.Name, r.Does)
	default:
		fmt.Fprintf(out, "%s: %s\n", r.Name, r.State)
	}
}

func printLeft(out io.Writer, r incident.Result, command string) {
	if r.GoOn != "" {
		fmt.Fprintf(out, "\nNot finished: do that, then go on with %s --from %s --yes\n", command, r.GoOn)
		return
	}
	fmt.Fprintf(out, "\nLeft to you:\n")
	for _, l := range r.Left {
		fmt.Fprintf(out, "  - %s\n", l)
	}
}
