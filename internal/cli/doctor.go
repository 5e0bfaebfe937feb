package cli

import (
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/doctor"
	"example.com/identityd/internal/stack"
)

func (a *app) doctor() *cobra.Command {
	var (
		o       doctor.Options
		verbose bool
		asJSON  *bool
	)
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Look for everything that is wrong here, and say the cure",
		Long: `Look at the configuration, the addresses and certificates, the mail server, the databases, the secrets,
the clocks, the housekeeping and the machine, and say of each fault and warning what to do.

It works beside a running identityd, which it asks through its control socket, and on a stopped one. It
changes nothing, unless --fix is given: then what cannot harm is done, such as chmod 600 on a file of
secrets. A check that is not answered within five seconds (--timeout) says so.

Exit code 0 when there is no fault, 1 otherwise.`,
		Example: "  identityd doctor --config stack.yaml\n  identityd doctor --offline --json\n  identityd doctor --fix",
		Args:    exactArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.Deadline <= 0 {
				return &usageError{fmt.Errorf("--timeout %s: give each check some time, as in --timeout 10s", o.Deadline)}
			}
			cfg, problems, err := a.inspect()
			if err != nil {
				return err
			}
			// What the parts log on the way is told as findings.
			result := stack.Doctor(cmd.Context(), cfg, problems, stack.Options{Log: slog.New(slog.DiscardHandler), Version: version}, o)
			err = a.show(*asJSON, result, func(out io.Writer) { printDoctor(out, result, verbose, o.Fix) })
			if err == nil && !result.OK {
				return fmt.Errorf("examining %s: %s found", source(cfg), count(result.Count(doctor.Fault), "fault"))
			}
			return err
		},
	}
	a.flags.register(cmd)
	asJSON = jsonFlag(cmd)
	cmd.Flags().BoolVar(&verbose, "verbose", false, "print a line for each check, also where all is well")
	cmd.Flags().BoolVar(&o.Fix, "fix", false, "do what cannot harm, such as chmod 600 on secrets")
	cmd.Flags().DurationVar(&o.Deadline, "timeout", 5*time.Second, "`time` that each check has for its answers")
	cmd.Flags().BoolVar(&o.Offline, "offline", false, "ask nobody over the network")
	return cmd
}

// inspect reads the configuration as far as it can be understood.
func (a *app) inspect() (config.Config, *config.Problems, error) {
	o, err := a.options()
	if err != nil {
		return config.Config{}, nil, err
	}
	cfg, problems := config.Inspect(o)
	return cfg, problems, nil
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// printDoctor prints faults, then warnings, then a line of what is well in each area.
func printDoctor(out io.Writer, r doctor.Result, verbose, fix bool) {
	p := sheet{out: out, width: 80}
	for _, level := range []doctor.Level{doctor.Fault, doctor.Warning} {
		for _, row := range r.Checks {
			if row.Level == level {
				p.finding(row, fix)
			}
		}
	}
	for _, area := range doctor.Areas() {
		p.area(area, r.Checks, verbose)
	}
	end := ""
	for _, row := range r.Checks {
		switch {
		case row.Fixed:
			end = ", what was fixed not counted"
		case row.Level == doctor.Skipped && !verbose && end == "":
			end = " (--verbose says why some checks did not look)"
		}
	}
	fmt.Fprintf(out, "%s, %s%s\n", count(r.Count(doctor.Fault), "fault"), count(r.Count(doctor.Warning), "warning"), end)
}
