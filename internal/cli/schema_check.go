package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/config"
)

// schemaFault is somebody whom a schema does not take.
type schemaFault struct {
	Identity string `json:"identity"`
	At       string `json:"at"`
	Reason   string `json:"reason"`
}

// schemaResult is what came of going through people.
type schemaResult struct {
	Schema  string        `json:"schema"`
	DryRun  bool          `json:"dry_run"`
	Checked int           `json:"checked"`
	Moved   int           `json:"moved"`
	Refused int           `json:"refused"`
	Faults  []schemaFault `json:"faults"`
	// MoreFaults are those that are not shown.
	MoreFaults int `json:"more_faults"`
	// Left are people who still have the schema that is left behind.
	Left int `json:"left"`
}

// schemaWalk goes through people a page at a time.
type schemaWalk struct {
	d      *admin
	path   string
	body   map[string]any
	errors int
	batch  int
	bar    *progressBar
	total  int
}

// walk adds what one pass finds to the result.
func (w schemaWalk) walk(ctx context.Context, r *schemaResult) error {
	after := ""
	for {
		w.body["after"], w.body["limit"] = after, w.batch
		var page struct {
			Checked int           `json:"checked"`
			Moved   int           `json:"moved"`
			Faults  []schemaFault `json:"faults"`
			Next    string        `json:"next"`
		}
		if err := w.d.Kratos().Call(ctx, http.MethodPost, w.path, w.body, &page); err != nil {
			return err
		}
		r.Checked, r.Moved = r.Checked+page.Checked, r.Moved+page.Moved
		last := ""
		for _, f := range page.Faults {
			if f.Identity != last {
				r.Refused++
				last = f.Identity
			}
			if len(r.Faults) < w.errors {
				r.Faults = append(r.Faults, f)
			} else {
				r.MoreFaults++
			}
		}
		if w.bar != nil {
			checked := r.Checked
			w.bar.line.set(func() string { return bar(min(checked, w.total), max(w.total, 1)) + fmt.Sprintf(" %d people", checked) }, false)
		}
		if page.Checked < w.batch {
			return nil
		}
		after = page.Next
	}
}

func (r schemaResult) print(out io.Writer) {
	for _, f := range r.Faults {
		at := f.At
		if at != "" {
			at += ": "
		}
		fmt.Fprintf(out, "%s: %s\n", f.Identity, printable(at+f.Reason))
	}
	if r.MoreFaults > 0 {
		fmt.Fprintf(out, "and %s; --errors shows more\n", plural(r.MoreFaults, "other fault", "other faults"))
	}
}

// places reads --map for traits.
func traitMap(pairs []string) (map[string]string, error) {
	out := map[string]string{}
	for _, pair := range pairs {
		from, to, ok := strings.Cut(pair, "=")
		from, to = strings.TrimPrefix(from, "traits."), strings.TrimPrefix(to, "traits.")
		if !ok || from == "" || to == "" || strings.Contains("."+from+"."+to+".", "..") {
			return nil, &usageError{fmt.Errorf("--map wants TRAIT=TRAIT, as in first_name=name.first, or TRAIT=- (got %q)", pair)}
		}
		out[from] = to
	}
	return out, nil
}

func (a *app) schemaCheck() *cobra.Command {
	var (
		mapped []string
		from   string
		most   int
	)
	cmd := &cobra.Command{
		Use:   "check [SCHEMA|FILE]",
		Short: "Hold every person against an identity schema",
		Long: `Hold the traits of every person against an identity schema: the default one, another by its id, or one in a
file (it has to end with .json) that nothing knows yet. Who would not fit is told by id and trait, never by
value, and the command ends with 1. Nothing is changed. --map checks traits as schema migrate would rename
them.`,
		Example: `  identityd schema check
  identityd schema check employee.schema.json --from email@1
  identityd schema check employee --map first_name=name.first --json`,
		Args: exactArgs(cobra.MaximumNArgs(1)),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		traits, err := traitMap(mapped)
		if err != nil {
			return err
		}
		if most < 0 {
			return &usageError{fmt.Errorf("--errors wants a number (got %d)", most)}
		}
		body, name := map[string]any{"from": from, "map": traits}, ""
		if len(args) == 1 {
			if name = args[0]; strings.HasSuffix(name, ".json") {
				raw, err := schemaFile(name)
				if err != nil {
					return err
				}
				body["schema"] = raw
			}
		}
		d, err := a.reach(cmd)
		if err != nil {
			return err
		}
		defer d.Close()
		total := 0
		list, err := listSchemas(cmd.Context(), d)
		if err != nil {
			return err
		}
		for _, s := range list {
			if name == "" && s.Default {
				name = s.ID
			}
			if from == "" || s.ID == from {
				total += s.People
			}
		}
		body["schema_id"] = name
		r := schemaResult{Schema: name, Faults: []schemaFault{}}
		w := schemaWalk{d: d, path: pathSchemas + "/check", body: body, errors: most, batch: 500, total: total}
		if err := a.walk(cmd.Context(), w, &r); err != nil {
			return fmt.Errorf("checking people: %w", err)
		}
		err = a.show(*asJSON, r, func(out io.Writer) {
			r.print(out)
			fmt.Fprintf(out, "%s checked, %d would not fit %s\n", plural(r.Checked, "person", "people"), r.Refused, printable(name))
		})
		if err == nil && r.Refused > 0 {
			err = fmt.Errorf("%s would not fit %s", plural(r.Refused, "person", "people"), name)
		}
		return err
	}
	a.flags.register(cmd)
	a.access.register(cmd, engineKratos)
	cmd.Flags().StringArrayVar(&mapped, "map", nil, "a `trait` under another name, as in first_name=name.first, or TRAIT=- for none; repeatable")
	cmd.Flags().StringVar(&from, "from", "", "only people who have the schema with this `id`")
	cmd.Flags().IntVar(&most, "errors", 100, "how many `faults` are shown; all are counted")
	return cmd
}

// walk goes through people once, with a bar on a terminal.
func (a *app) walk(ctx context.Context, w schemaWalk, r *schemaResult) error {
	if terminal(a.stderr) {
		w.bar = newBar(a.stderr)
		defer w.bar.close()
	}
	return w.walk(ctx, r)
}

func schemaFile(name string) (json.RawMessage, error) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("reading the schema: %w", err)
	}
	if problem := config.SchemaProblem(raw); problem != "" {
		return nil, errors.New(name + ": " + problem)
	}
	return raw, nil
}
