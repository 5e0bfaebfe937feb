package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/stack"
)

// regionsFlags are the flags of identityd regions.
type regionsFlags struct {
	adminURL, adminURLFile string
	drop                   bool
}

func (a *app) regions() *cobra.Command {
	return group("regions", "Spread both databases over the regions of a CockroachDB cluster", `Spread both databases over the regions of a CockroachDB cluster, as database.regions says:

  database:
    regions: { primary: eu-west-1, others: [us-east-1, ap-south-1], survive: region }

The names are those of SHOW REGIONS FROM CLUSTER. plan prints each statement with what it costs, apply
runs what is missing, status compares. docs/cockroachdb.md goes through it.`,
		a.regionsPlan(), a.regionsApply(), a.regionsStatus())
}

func (a *app) regionsPlan() *cobra.Command {
	var f regionsFlags
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Print the statements that are missing, and what each costs",
		Long: `Print the statements between what the cluster has and what database.regions says, in order, each with
what it does, how long that takes and what it costs from then on. Nothing is changed.`,
		Example: "  identityd regions plan --config stack.yaml\n" +
			"  identityd regions plan --set database.regions.rows=local",
		Args: exactArgs(cobra.NoArgs),
	}
	a.registerRegions(cmd, &f, true)
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		o, how, err := a.regionsSetUp(f)
		if err != nil {
			return err
		}
		plan, err := stack.RegionsPlan(cmd.Context(), o.cfg, o.opts, how)
		if err != nil {
			return err
		}
		return a.show(*asJSON, plan, func(w io.Writer) { fmt.Fprint(w, plan.Text()) })
	}
	return cmd
}

func (a *app) regionsApply() *cobra.Command {
	var f regionsFlags
	cmd := &cobra.Command{
		Use:   "apply",
		Short: "Run the statements that are missing, one after another",
		Long: `Run the statements that identityd regions plan prints, one after another, and wait for the job of each.

It looks at the cluster before each one: after an interruption run it again, it waits for what the
cluster still does and goes on. Sign-ins go on; a process that starts meanwhile, or migrates, waits for
the statement that runs, unless that one rewrites a table. No region is dropped without --drop-regions.`,
		Example: "  identityd regions apply --config stack.yaml\n" +
			"  identityd regions apply --admin-url-file /run/secrets/crdb-admin",
		Args: exactArgs(cobra.NoArgs),
	}
	a.registerRegions(cmd, &f, true)
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		o, how, err := a.regionsSetUp(f)
		if err != nil {
			return err
		}
		how.Tell = func(p stack.RegionsProgress) { fmt.Fprintln(a.stderr, progressLine(p)) }
		n, err := stack.RegionsApply(cmd.Context(), o.cfg, o.opts, how)
		if err != nil {
			return fmt.Errorf("after %d statements: %w", n, err)
		}
		return a.show(*asJSON, map[string]int{"statements": n}, func(w io.Writer) {
			fmt.Fprintf(w, "%d statements were run; both databases are as configured\n", n)
		})
	}
	return cmd
}

func (a *app) regionsStatus() *cobra.Command {
	var f regionsFlags
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Compare the regions of both databases with the configuration",
		Long: `Show regions, survival goal and the locality of each table, as the cluster has them, and what differs
from the configuration. Nothing is changed.`,
		Example: "  identityd regions status --config stack.yaml\n  identityd regions status --json",
		Args:    exactArgs(cobra.NoArgs),
	}
	a.registerRegions(cmd, &f, false)
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		o, how, err := a.regionsSetUp(f)
		if err != nil {
			return err
		}
		status, err := stack.RegionsStatus(cmd.Context(), o.cfg, o.opts, how)
		if err != nil {
			return err
		}
		return a.show(*asJSON, status, func(w io.Writer) { fmt.Fprint(w, status.Text()) })
	}
	return cmd
}

func (a *app) registerRegions(cmd *cobra.Command, f *regionsFlags, drops bool) {
	a.flags.register(cmd)
	cmd.Flags().StringVar(&f.adminURL, "admin-url", "", "connect to this `url` (cockroach://...) in place of database.url and its users")
	cmd.Flags().StringVar(&f.adminURLFile, "admin-url-file", "", "read --admin-url from this `file`")
	if drops {
		cmd.Flags().BoolVar(&f.drop, "drop-regions", false, "also drop the regions of the databases that database.regions does not name")
	}
}

// regionsSetUp refuses what has no regions with a sentence, before anything is connected to.
func (a *app) regionsSetUp(f regionsFlags) (opened, stack.RegionsOptions, error) {
	how := stack.RegionsOptions{AdminURL: f.adminURL, Drop: f.drop}
	o, err := a.open()
	if err != nil {
		return o, how, err
	}
	if d := o.cfg.Database.Dialect(); d != config.Cockroach {
		return o, how, &config.Problems{Source: o.cfg.Source, List: []config.Problem{{
			Path:    "database.url",
			Message: fmt.Sprintf("must be a CockroachDB for regions (got %s://); PostgreSQL and SQLite have none", d),
		}}}
	}
	if f.adminURLFile != "" && f.adminURL != "" {
		return o, how, &usageError{errors.New("--admin-url and --admin-url-file exclude each other")}
	}
	if f.adminURLFile != "" {
		raw, err := os.ReadFile(f.adminURLFile)
		if err != nil {
			return o, how, &usageError{fmt.Errorf("reading --admin-url-file: %w", err)}
		}
		how.AdminURL = strings.TrimSpace(string(raw))
	}
	a.warn(o.cfg)
	return o, how, nil
}

func progressLine(p stack.RegionsProgress) string {
	at := fmt.Sprintf("[%d/%d]", p.Number, p.Total)
	switch p.State {
	case "begun":
		return at + " " + p.Step.SQL
	case "running":
		return fmt.Sprintf("%s running for %s, job %d at %.0f %%", at, p.Elapsed.Round(time.Second), p.Job.ID, 100*p.Job.Fraction)
	case "done":
		return fmt.Sprintf("%s done in %s", at, p.Elapsed.Round(time.Millisecond))
	case "lost":
		return at + " the connection was lost; looking for what the cluster made of it"
	default:
		return fmt.Sprintf("waiting for %s", p.Job)
	}
}
