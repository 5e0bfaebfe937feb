package cli

import (
	"encoding/json"
	"errors"
	"fmt"
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
	drop, json             bool
}

func (a *app) regions() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "regions",
		Short: "Spread both databases over the regions of a CockroachDB cluster",
		Long: `Spread both databases over the regions of a CockroachDB cluster, as database.regions says:

  database:
    regions: { primary: eu-west-1, others: [us-east-1, ap-south-1], survive: region }

The names are those of SHOW REGIONS FROM CLUSTER. plan prints each statement with what it costs, apply
runs what is missing, status compares. docs/cockroachdb.md goes through it.`,
		Args:                       knownCommand,
		RunE:                       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SuggestionsMinimumDistance: 2,
	}
	cmd.AddCommand(a.regionsPlan(), a.regionsApply(), a.regionsStatus())
	return cmd
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
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, opts, o, err := a.regionsSetUp(f)
			if err != nil {
				return err
			}
			plan, err := stack.RegionsPlan(cmd.Context(), cfg, opts, o)
			if err != nil {
				return err
			}
			return a.printAs(plan, plan.Text(), f.json)
		},
	}
	a.registerRegions(cmd, &f, true)
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
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
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, opts, o, err := a.regionsSetUp(f)
			if err != nil {
				return err
			}
			o.Tell = func(p stack.RegionsProgress) { fmt.Fprintln(a.stdout, progressLine(p)) }
			n, err := stack.RegionsApply(cmd.Context(), cfg, opts, o)
			if err != nil {
				return fmt.Errorf("after %d statements: %w", n, err)
			}
			fmt.Fprintf(a.stdout, "%d statements were run; both databases are as configured\n", n)
			return nil
		},
	}
	a.registerRegions(cmd, &f, true)
	return cmd
}

func (a *app) regionsStatus() *cobra.Command {
	var f regionsFlags
	cmd := &cobra.Command{
		Use:     "status",
		Short:   "Show regions, survival goal and localities, and what differs from the configuration",
		Example: "  identityd regions status --config stack.yaml\n  identityd regions status --json",
		Args:    exactArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, opts, o, err := a.regionsSetUp(f)
			if err != nil {
				return err
			}
			status, err := stack.RegionsStatus(cmd.Context(), cfg, opts, o)
			if err != nil {
				return err
			}
			return a.printAs(status, status.Text(), f.json)
		},
	}
	a.registerRegions(cmd, &f, false)
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
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
func (a *app) regionsSetUp(f regionsFlags) (config.Config, stack.Options, stack.RegionsOptions, error) {
	o := stack.RegionsOptions{AdminURL: f.adminURL, Drop: f.drop}
	cfg, err := a.load()
	if err != nil {
		return cfg, stack.Options{}, o, err
	}
	if d := cfg.Database.Dialect(); d != config.Cockroach {
		return cfg, stack.Options{}, o, &config.Problems{Source: cfg.Source, List: []config.Problem{{
			Path:    "database.url",
			Message: fmt.Sprintf("must be a CockroachDB for regions (got %s://); PostgreSQL and SQLite have none", d),
		}}}
	}
	if f.adminURLFile != "" && f.adminURL != "" {
		return cfg, stack.Options{}, o, &usageError{errors.New("--admin-url and --admin-url-file exclude each other")}
	}
	if f.adminURLFile != "" {
		raw, err := os.ReadFile(f.adminURLFile)
		if err != nil {
			return cfg, stack.Options{}, o, &usageError{fmt.Errorf("reading --admin-url-file: %w", err)}
		}
		o.AdminURL = strings.TrimSpace(string(raw))
	}
	a.warn(cfg)
	log, err := a.logger(cfg.Logging)
	return cfg, stack.Options{Log: log, Version: version}, o, err
}

// printAs prints a value for programs or its text for people.
func (a *app) printAs(v any, text string, asJSON bool) error {
	if !asJSON {
		fmt.Fprint(a.stdout, text)
		return nil
	}
	out := json.NewEncoder(a.stdout)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	if err := out.Encode(v); err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	return nil
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
