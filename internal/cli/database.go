package cli

import "github.com/spf13/cobra"

func (a *app) database() *cobra.Command {
	cmd := &cobra.Command{
		Use: "database", Short: "Work with the databases", Args: knownCommand,
		RunE:                       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SuggestionsMinimumDistance: 2,
	}
	cmd.AddCommand(a.databaseCopy())
	return cmd
}
