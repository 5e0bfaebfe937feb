package cli

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/stack"
)

func (a *app) migrate() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Bring both databases up to date and exit",
		Long: `Apply the pending migrations of both databases, make what every process shares (the tenants and the
signing keys), and exit. Run it once before a new version serves; it is the same as migrate up.

It may run beside serving processes, and several times: those that come too late wait and have
nothing to do.`,
		Example: "  identityd migrate --config stack.yaml\n  identityd migrate status\n  identityd migrate plan > pending.sql",
		Args:    knownCommand,
		RunE:    a.migrateUp,

		SuggestionsMinimumDistance: 2,
	}
	a.flags.register(cmd)
	up := &cobra.Command{
		Use: "up", Short: "The same as migrate alone", Args: exactArgs(cobra.NoArgs), RunE: a.migrateUp,
		Example: "  identityd migrate up --config stack.yaml",
	}
	a.flags.register(up)
	cmd.AddCommand(up, a.migrateStatus(), a.migratePlan(), a.migrateRepair())
	return cmd
}

func (a *app) migrateUp(cmd *cobra.Command, _ []string) error {
	cfg, err := a.load()
	if err != nil {
		return err
	}
	opts := stack.Options{Version: version}
	to := a.stderr
	if terminal(a.stderr) {
		bar := newBar(a.stderr)
		defer bar.close()
		to, opts.OnMigrating = bar, bar.show
	}
	if opts.Log, _, err = newLogger(to, terminal(a.stderr), cfg.Logging); err != nil {
		return err
	}
	if err := stack.Migrate(cmd.Context(), cfg, opts); err != nil {
		return err
	}
	fmt.Fprintln(a.stdout, "both databases are up to date")
	return nil
}

// schemaCommand is a command that reads the databases.
func (a *app) schemaCommand(cmd *cobra.Command, run func(*cobra.Command, config.Config, stack.Options) error) *cobra.Command {
	cmd.Args = exactArgs(cobra.NoArgs)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := a.load()
		if err != nil {
			return err
		}
		log, err := a.logger(cfg.Logging)
		if err != nil {
			return err
		}
		return run(cmd, cfg, stack.Options{Log: log, Version: version})
	}
	a.flags.register(cmd)
	return cmd
}

func (a *app) migrateStatus() *cobra.Command {
	var asJSON bool
	cmd := a.schemaCommand(&cobra.Command{
		Use:   "status",
		Short: "Tell what both databases have and lack",
		Long: `Tell which migrations both databases have and lack, which they have that this version does not know,
and whether the tenants and the signing keys exist. It changes nothing.`,
		Example: "  identityd migrate status\n  identityd migrate status --json",
	}, func(cmd *cobra.Command, cfg config.Config, opts stack.Options) error {
		s, err := stack.Status(cmd.Context(), cfg, opts)
		if err != nil {
			return err
		}
		if asJSON {
			return a.printJSON(s)
		}
		return a.print([]byte(statusText(s)))
	})
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (a *app) migratePlan() *cobra.Command {
	var asJSON bool
	cmd := a.schemaCommand(&cobra.Command{
		Use:   "plan",
		Short: "Print the pending SQL without running it",
		Long: `Print the SQL of the pending migrations of both databases as it would run, in its order. It changes
nothing.`,
		Example: "  identityd migrate plan > pending.sql\n  identityd migrate plan --json",
	}, func(cmd *cobra.Command, cfg config.Config, opts stack.Options) error {
		planned, err := stack.Plan(cmd.Context(), cfg, opts)
		if err != nil {
			return err
		}
		if asJSON {
			return a.printJSON(planned)
		}
		return a.print([]byte(planText(planned)))
	})
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (a *app) printJSON(v any) error {
	out, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	return a.print(append(out, '\n'))
}
