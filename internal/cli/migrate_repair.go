package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/stack"
)

func (a *app) migrateRepair() *cobra.Command {
	var yes, dry bool
	cmd := &cobra.Command{
		Use:   "repair",
		Short: "Record migrations that ran but were not recorded",
		Long: `A crash may come between a migration and its record. On CockroachDB, where changes of the schema are not
part of a transaction, the next run then fails because something exists already.

This looks in the catalog for everything the pending migrations would make or take away, says what it
found, asks, and records those of which all is there. It changes nothing else. What it can tell: tables,
columns with their type and NOT NULL, indexes, constraints, and what was dropped or renamed. A migration
that changes rows leaves no trace there: of these it says so, and what to do.`,
		Example: "  identityd migrate repair --dry-run\n  identityd migrate repair --yes",
		Args:    exactArgs(cobra.NoArgs),
	}
	a.flags.register(cmd)
	asJSON := jsonFlag(cmd)
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "say what would be done, and do nothing")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if yes && dry {
			return &usageError{errors.New("--yes and --dry-run contradict each other")}
		}
		o, err := a.open()
		if err != nil {
			return err
		}
		told := false
		record := func(found []stack.Finding) (bool, error) {
			if told = !yes && !*asJSON; told {
				if err := a.print([]byte(findingsText(found))); err != nil {
					return false, err
				}
			}
			return true, a.confirm(cmd, yes, "record what is there as applied")
		}
		if dry {
			record = nil
		}
		found, err := stack.Repair(cmd.Context(), o.cfg, o.opts, record)
		if err != nil {
			return err
		}
		return a.show(*asJSON, map[string]any{"findings": append([]stack.Finding{}, found...)}, func(w io.Writer) {
			printRepaired(w, found, told)
		})
	}
	return cmd
}

// printRepaired reports the outcome. The findings may have been told with the question.
func printRepaired(w io.Writer, found []stack.Finding, told bool) {
	if !told {
		fmt.Fprint(w, findingsText(found))
	}
	recorded := 0
	for _, f := range found {
		if f.Recorded {
			recorded++
		}
	}
	if recorded > 0 {
		fmt.Fprintf(w, "%d recorded as applied; identityd migrate does the rest\n", recorded)
	}
}

func findingsText(found []stack.Finding) string {
	if len(found) == 0 {
		return "nothing to repair: no pending migration has begun\n"
	}
	var b strings.Builder
	for _, f := range found {
		fmt.Fprintf(&b, "%s %s %s: ", f.Engine, f.Version, f.Name)
		switch f.Verdict {
		case "there":
			fmt.Fprintln(&b, "all of it is there, though it was not recorded")
		case "unknown":
			fmt.Fprintln(&b, "whether it ran cannot be told from the catalog")
		default:
			fmt.Fprintln(&b, "only a part of it is there, or something else in its place")
		}
		for i, e := range f.Effects {
			if f.Verdict != "there" {
				fmt.Fprintf(&b, "  statement %d of %d: %s %s\n", i+1, len(f.Effects), e.Verdict, e.Detail)
			}
		}
		switch f.Verdict {
		case "there":
		case "unknown":
			fmt.Fprintf(&b, "  Run identityd migrate. If it fails here because something exists already, compare the database with\n"+
				"  identityd migrate plan, finish by hand what is missing, and record it in the %[1]s database:\n"+
				"  INSERT INTO schema_migration (version) VALUES ('%[2]s');\n", f.Engine, f.Version)
		default:
			fmt.Fprintf(&b, "  Back the %[1]s database up. Either undo the part that is there and run identityd migrate, or finish it by\n"+
				"  hand after identityd migrate plan, and run identityd migrate repair again.\n", f.Engine)
		}
	}
	return b.String()
}
