// Command hydra is Ory Hydra as upstream starts it: serve all and migrate sql up with the flags, the defaults and the code of github.com/ory/hydra/v2/cmd. That package
// itself does not compile with the version of ory/x that both engines have in common (docs/ory-quirks.md#q145).
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/ory/hydra/v2/cmd/server"
	"github.com/ory/hydra/v2/driver"
	"github.com/ory/x/cmdx"
	"github.com/ory/x/configx"
	"github.com/ory/x/profilex"
	"github.com/ory/x/servicelocatorx"
	"github.com/spf13/cobra"
)

func main() {
	defer profilex.Profile().Stop()
	if err := root().Execute(); err != nil {
		if !errors.Is(err, cmdx.ErrNoPrintButFail) {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(1) //nolint:gocritic // as upstream's
	}
}

func root() *cobra.Command {
	c := &cobra.Command{Use: "hydra", Short: "Run and manage Ory Hydra"}
	serve := &cobra.Command{Use: "serve"}
	configx.RegisterFlags(serve.PersistentFlags())
	serve.PersistentFlags().Bool("dev", false, "")
	serve.PersistentFlags().Bool("sqa-opt-out", false, "")
	serve.AddCommand(&cobra.Command{Use: "all", RunE: server.RunServeAll(nil, nil, nil)})

	migrate := &cobra.Command{Use: "migrate"}
	configx.RegisterFlags(migrate.PersistentFlags())
	sql := &cobra.Command{Use: "sql"}
	sql.PersistentFlags().BoolP("read-from-env", "e", false, "")
	up := &cobra.Command{Use: "up", RunE: migrateUp}
	up.Flags().BoolP("yes", "y", false, "")
	sql.AddCommand(up)
	migrate.AddCommand(sql)
	c.AddCommand(serve, migrate)
	return c
}

func migrateUp(cmd *cobra.Command, _ []string) error {
	d, err := driver.New(cmd.Context(), servicelocatorx.NewOptions(),
		[]driver.OptionsModifier{
			driver.WithOptions(configx.SkipValidation(), configx.WithFlags(cmd.Flags())),
			driver.DisableValidation(), driver.DisablePreloading(), driver.SkipNetworkInit(),
		})
	if err != nil {
		return fmt.Errorf("reading the configuration: %w", err)
	}
	// Upstream shows the plan before it asks, and asks nothing with --yes.
	plan, err := d.Persister().MigrationStatus(cmd.Context())
	if err != nil {
		return fmt.Errorf("planning migrations: %w", err)
	}
	if err := plan.Write(cmd.OutOrStdout()); err != nil {
		return fmt.Errorf("printing the plan: %w", err)
	}
	if err := d.Persister().MigrateUp(cmd.Context()); err != nil {
		return fmt.Errorf("migrating: %w", err)
	}
	return nil
}
