package cli

import (
	"github.com/spf13/cobra"

	"example.com/identityd/internal/config"
)

func (a *app) configSchema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of stack.yaml",
		Long: `Print a JSON Schema (draft 2020-12) of stack.yaml: every word with what it is, what may stand there and
its default, for editors to complete and to check. An editor with the YAML language server reads it where
the first line of the file is

  # yaml-language-server: $schema=./stack.schema.json

What several words have to agree on it leaves to identityd config check.`,
		Example: "  identityd config schema > stack.schema.json",
		Args:    exactArgs(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			schema, err := config.JSONSchema()
			if err != nil {
				return err
			}
			return a.print(schema)
		},
	}
}
