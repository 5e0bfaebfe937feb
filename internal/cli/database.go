package cli

import "github.com/spf13/cobra"

func (a *app) database() *cobra.Command {
	return group("database", "Move both databases to others", `Both databases can go from one kind to another: SQLite, PostgreSQL, CockroachDB. docs/moving.md goes
through it.`, a.databaseCopy())
}
