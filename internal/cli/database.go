package cli

import "github.com/spf13/cobra"

func (a *app) database() *cobra.Command {
	return group("database", "Move both databases to others", "", a.databaseCopy())
}
