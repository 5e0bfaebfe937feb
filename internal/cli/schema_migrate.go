package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// mostPasses bounds how often people are looked for who were changed while others were moved.
const mostPasses = 4

func (a *app) schemaMigrate() *cobra.Command {
	var (
		mapped      []string
		batch, most int
		dryRun, yes bool
	)
	cmd := &cobra.Command{
		Use:   "migrate FROM TO",
		Short: "Move people from one identity schema to another",
		Long: `Move everybody who has the schema FROM to the schema TO, renaming traits by --map, while it serves. What
people sign in with and their addresses follow the new schema; verified ones stay verified, passwords and
second factors stay. Each person is moved in a transaction of their own in which nobody else changes them, so
that no change of theirs is lost. Who does not fit stays and is told by id and trait.

It may break off and be run again: who was moved is not moved again. Let TO be the default first
(identity.schema), or new people go on getting FROM.`,
		Example: `  identityd schema migrate email@1 employee --map name=full_name --dry-run
  identityd schema migrate email@1 employee --map name=full_name --batch 50 --yes`,
		Args: exactArgs(cobra.ExactArgs(2)),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		traits, err := traitMap(mapped)
		if err != nil {
			return err
		}
		if batch < 1 || batch > 1000 || most < 0 {
			return &usageError{fmt.Errorf("--batch wants 1 to 1000 and --errors a number (got %d and %d)", batch, most)}
		}
		d, err := a.reach(cmd)
		if err != nil {
			return err
		}
		defer d.Close()
		before, err := peopleOf(cmd.Context(), d, args[0])
		if err != nil {
			return err
		}
		if !dryRun && before > 0 {
			question := fmt.Sprintf("move %s from schema %s to %s", plural(before, "person", "people"), printable(args[0]), printable(args[1]))
			if err := a.confirm(cmd, yes, question); err != nil {
				return err
			}
		}
		r := schemaResult{Schema: args[1], DryRun: dryRun, Faults: []schemaFault{}}
		w := schemaWalk{d: d, path: pathSchemas + "/migrate", errors: most, batch: batch, total: before, body: map[string]any{
			"from": args[0], "to": args[1], "map": traits, "dry_run": dryRun,
		}}
		for pass := 1; ; pass++ {
			// Each pass tells anew who does not fit: somebody may have mended it meanwhile.
			r.Checked, r.Refused, r.Faults, r.MoreFaults = 0, 0, []schemaFault{}, 0
			if err := a.walk(cmd.Context(), w, &r); err != nil {
				return fmt.Errorf("moving people, %d so far: %w; run it again, it goes on where this one ended", r.Moved, err)
			}
			if r.Left, err = peopleOf(cmd.Context(), d, args[0]); err != nil {
				return err
			}
			if dryRun || r.Left <= r.Refused || pass == mostPasses {
				break
			}
		}
		verb := map[bool]string{true: "would be moved", false: "moved"}[dryRun]
		err = a.show(*asJSON, r, func(out io.Writer) {
			r.print(out)
			fmt.Fprintf(out, "%s %s to %s, %d would not fit, %d left with %s\n",
				plural(r.Moved, "person", "people"), verb, printable(args[1]), r.Refused, r.Left, printable(args[0]))
		})
		if err == nil && r.Refused > 0 {
			err = fmt.Errorf("%s would not fit %s: mend their traits, or rename with --map, and run it again", plural(r.Refused, "person", "people"), args[1])
		}
		return err
	}
	a.flags.register(cmd)
	a.access.register(cmd, engineKratos)
	cmd.Flags().StringArrayVar(&mapped, "map", nil, "a `trait` under another name, as in first_name=name.first, or TRAIT=- for none; repeatable")
	cmd.Flags().IntVar(&batch, "batch", 100, "how many people are moved in one request, 1 to 1000 `people`")
	cmd.Flags().IntVar(&most, "errors", 100, "how many `faults` are shown; all are counted")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "say what would be done, and do nothing")
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

// peopleOf counts who has a schema.
func peopleOf(ctx context.Context, d *admin, schema string) (int, error) {
	list, err := listSchemas(ctx, d)
	if err != nil {
		return 0, err
	}
	for _, s := range list {
		if s.ID == schema {
			return s.People, nil
		}
	}
	return 0, nil // migrating says that there is none
}
