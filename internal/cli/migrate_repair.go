package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/stack"
)

func (a *app) migrateRepair() *cobra.Command {
	var asJSON, yes, dry bool
	cmd := a.schemaCommand(&cobra.Command{
		Use:   "repair",
		Short: "Record migrations that ran but were not recorded",
		Long: `A crash may come between a migration and its record. On CockroachDB, where changes of the schema are not
part of a transaction, the next run then fails because something exists already.

This looks in the catalog for everything the pending migrations would make or take away, says what it
found, asks, and records those of which all is there. It changes nothing else. What it can tell: tables,
columns with their type and NOT NULL, indexes, constraints, and what was dropped or renamed. A migration
that changes rows leaves no trace there: of these it says so, and what to do.`,
		Example: "  identityd migrate repair --dry-run\n  identityd migrate repair --yes",
	}, func(cmd *cobra.Command, cfg config.Config, opts stack.Options) error {
		if yes && dry {
			return &usageError{errors.New("--yes and --dry-run contradict each other")}
		}
		record := func(found []stack.Finding) (bool, error) {
			if yes {
				return true, nil
			}
			if asJSON {
				return false, nil
			}
			if err := a.print([]byte(findingsText(found))); err != nil {
				return false, err
			}
			return a.ask(cmd.InOrStdin(), "record what is there as applied?")
		}
		if dry {
			record = nil
		}
		found, err := stack.Repair(cmd.Context(), cfg, opts, record)
		if err != nil {
			return err
		}
		return a.repaired(found, asJSON, dry || yes)
	})
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON; without --yes nothing is recorded")
	cmd.Flags().BoolVar(&yes, "yes", false, "record without asking")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "say what there is to do, and do nothing")
	return cmd
}

// repaired reports the outcome. listed is false where the findings were printed with the question.
func (a *app) repaired(found []stack.Finding, asJSON, listed bool) error {
	recorded, repairable := 0, 0
	for _, f := range found {
		if f.Recorded {
			recorded++
		}
		if f.Repairable() {
			repairable++
		}
	}
	switch {
	case asJSON:
		return a.printJSON(append([]stack.Finding{}, found...))
	case listed || repairable == 0:
		if err := a.print([]byte(findingsText(found))); err != nil {
			return err
		}
	}
	switch {
	case recorded > 0:
		fmt.Fprintf(a.stdout, "recorded %d as applied; identityd migrate does the rest\n", recorded)
	case repairable > 0 && !listed:
		return errors.New("nothing was recorded; answer y, or use --yes")
	}
	return nil
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

// ask wants a y; the end of the input is a no.
func (a *app) ask(in io.Reader, question string) (bool, error) {
	fmt.Fprintf(a.stdout, "%s [y/N] ", question)
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return false, fmt.Errorf("reading the answer: %w", err)
	}
	if errors.Is(err, io.EOF) {
		fmt.Fprintln(a.stdout)
	}
	answer := strings.ToLower(strings.TrimSpace(line))
	return answer == "y" || answer == "yes", nil
}
