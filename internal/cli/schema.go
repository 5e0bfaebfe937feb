package cli

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

// schemaListed is an identity schema as the admin API lists it.
type schemaListed struct {
	ID      string   `json:"id"`
	Default bool     `json:"default"`
	Traits  []string `json:"traits"`
	People  int      `json:"people"`
}

func (a *app) schema() *cobra.Command {
	return group("schema", "Check people against identity schemas, and move them", `An identity schema says which traits a person has. Those of this program have versions (email@1) and never
change; those of identity.schemas are yours, and a new one beside the old one is how they change: check people
against it, have it as the default (identity.schema), and move them.`,
		a.schemaList(), a.schemaCheck(), a.schemaMigrate())
}

func (a *app) schemaList() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List identity schemas and how many people have each",
		Example: "  identityd schema list\n  identityd schema list --json",
		Args:    exactArgs(cobra.NoArgs),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		d, err := a.reach(cmd)
		if err != nil {
			return err
		}
		defer d.Close()
		list, err := listSchemas(cmd.Context(), d)
		if err != nil {
			return err
		}
		return a.show(*asJSON, map[string]any{"schemas": list}, func(out io.Writer) {
			w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "SCHEMA\tPEOPLE\tDEFAULT")
			for _, s := range list {
				fmt.Fprintf(w, "%s\t%d\t%s\n", printable(s.ID), s.People, map[bool]string{true: "yes", false: "-"}[s.Default])
			}
			w.Flush() //nolint:errcheck // as for any print
		})
	}
	a.flags.register(cmd)
	a.access.register(cmd, engineKratos)
	return cmd
}

func listSchemas(ctx context.Context, d *admin) ([]schemaListed, error) {
	var answer struct {
		Schemas []schemaListed `json:"schemas"`
	}
	if err := d.Kratos().Call(ctx, http.MethodGet, pathSchemas, nil, &answer); err != nil {
		return nil, fmt.Errorf("listing identity schemas: %w", err)
	}
	return answer.Schemas, nil
}
