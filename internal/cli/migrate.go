package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

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

		SuggestionsMinimumDistance: 2,
	}
	up := &cobra.Command{
		Use:     "up",
		Short:   "Do the same as migrate alone",
		Example: "  identityd migrate up --config stack.yaml\n  identityd migrate up --json",
		Args:    exactArgs(cobra.NoArgs),
	}
	for _, c := range []*cobra.Command{cmd, up} {
		a.flags.register(c)
		asJSON := jsonFlag(c)
		c.RunE = func(cmd *cobra.Command, _ []string) error { return a.migrateUp(cmd, *asJSON) }
	}
	cmd.AddCommand(up, a.migrateStatus(), a.migratePlan(), a.migrateRepair())
	return cmd
}

func (a *app) migrateUp(cmd *cobra.Command, asJSON bool) error {
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
	if opts.Log, _, err = newLogger(to, terminal(a.stderr), cfg.Logging, nil); err != nil {
		return err
	}
	if err := stack.Migrate(cmd.Context(), cfg, opts); err != nil {
		return err
	}
	return a.show(asJSON, map[string]bool{"up_to_date": true}, func(w io.Writer) { fmt.Fprintln(w, "both databases are up to date") })
}

func (a *app) migrateStatus() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Say what both databases have and lack",
		Long: `Say which migrations both databases have and lack, which they have that this version does not know,
and whether the tenants and the signing keys exist. It changes nothing.`,
		Example: "  identityd migrate status --config stack.yaml\n  identityd migrate status --json",
		Args:    exactArgs(cobra.NoArgs),
	}
	a.flags.register(cmd)
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		o, err := a.open()
		if err != nil {
			return err
		}
		s, err := stack.Status(cmd.Context(), o.cfg, o.opts)
		if err != nil {
			return err
		}
		return a.show(*asJSON, s, func(w io.Writer) { fmt.Fprint(w, statusText(s)) })
	}
	return cmd
}

func (a *app) migratePlan() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Print the pending SQL without running it",
		Long: `Print the SQL of the pending migrations of both databases as it would run, in its order. It changes
nothing.`,
		Example: "  identityd migrate plan > pending.sql\n  identityd migrate plan --json",
		Args:    exactArgs(cobra.NoArgs),
	}
	a.flags.register(cmd)
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		o, err := a.open()
		if err != nil {
			return err
		}
		planned, err := stack.Plan(cmd.Context(), o.cfg, o.opts)
		if err != nil {
			return err
		}
		return a.show(*asJSON, map[string]any{"pending": append([]stack.Planned{}, planned...)}, func(w io.Writer) {
			fmt.Fprint(w, planText(planned))
		})
	}
	return cmd
}
