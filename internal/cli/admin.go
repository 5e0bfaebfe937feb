package cli

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/adminguard"
)

func (a *app) admin() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "admin",
		Short: "Who may use the admin APIs",
		Args:  knownCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },

		SuggestionsMinimumDistance: 2,
	}
	cmd.AddCommand(a.adminToken())
	return cmd
}

func (a *app) adminToken() *cobra.Command {
	var (
		scopes []string
		asJSON bool
	)
	cmd := &cobra.Command{
		Use:   "token NAME",
		Short: "Make a token for the admin APIs",
		Long: `Make a token, and the line that admits it, for the file that admin.token_file names. The token is
shown this once and kept nowhere; the file holds its hash. A changed file is read again within a second.

Scopes: read (all that is no secret, and introspection), clients, identities, all.`,
		Example: "  identityd admin token deploy --scope clients\n  identityd admin token hr --scope read,identities --json",
		Args:    exactArgs(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			var list []adminguard.Scope
			for _, s := range scopes {
				list = append(list, adminguard.Scope(s))
			}
			secret, line, err := adminguard.New(args[0], list)
			if err != nil {
				return &usageError{err}
			}
			if asJSON {
				return json.NewEncoder(a.stdout).Encode(map[string]string{"token": secret, "line": line})
			}
			fmt.Fprintf(a.stdout, "Token, for its user (Authorization: Bearer ...), not shown again:\n  %s\n\n"+
				"Line, for the file of admin.token_file:\n  %s\n", secret, line)
			return nil
		},
	}
	cmd.Flags().StringSliceVar(&scopes, "scope", nil, "what it may do: read, clients, identities, all")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print an object")
	return cmd
}
