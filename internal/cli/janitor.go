package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/janitor"
	"example.com/identityd/internal/stack"
)

func (a *app) janitor() *cobra.Command {
	return group("janitor", "Remove what nobody can need again, or see how much there is", `The janitor removes expired tokens, sessions, forms, mail and errors from both databases. A
serving identityd does so by itself every janitor.interval; these commands look at it.`,
		a.janitorRun(), a.janitorStatus())
}

func (a *app) janitorRun() *cobra.Command {
	var dry bool
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Clean up once, and say what was removed",
		Long: `Clean up once, in the foreground, at the pace of janitor.rows_per_second, and say what was removed.

While another process cleans up it waits for its turn. With --dry-run nothing is removed: the rows are
counted, without those that only become superfluous when others have gone.`,
		Example: "  identityd janitor run --config stack.yaml\n  identityd janitor run --dry-run --json",
		Args:    exactArgs(cobra.NoArgs),
	}
	a.flags.register(cmd)
	cmd.Flags().BoolVar(&dry, "dry-run", false, "say what would be done, and do nothing")
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		o, err := a.open()
		if err != nil {
			return err
		}
		// Stopped in order it gives the lease back, which nobody else has to wait for then.
		ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		removed, err := stack.CleanUp(ctx, o.cfg, o.opts, dry)
		if ctx.Err() != nil {
			return errors.New("stopped before the end; what was removed so far stays removed")
		}
		if err != nil {
			return err
		}
		return a.show(*asJSON, map[string]any{"dry_run": dry, "tables": removed}, func(w io.Writer) { printRemoved(w, removed, dry) })
	}
	return cmd
}

func printRemoved(out io.Writer, removed []janitor.Removed, dry bool) {
	total := int64(0)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, r := range removed {
		if total == 0 && r.Rows > 0 {
			fmt.Fprintln(w, "TABLE\tROWS\tTOOK")
		}
		if total += r.Rows; r.Rows > 0 {
			fmt.Fprintf(w, "%s\t%d\t%s\n", r.Table, r.Rows, r.Took.Round(time.Millisecond))
		}
	}
	w.Flush() //nolint:errcheck // as for any print
	verb := "removed"
	if dry {
		verb = "would be removed"
	}
	fmt.Fprintf(out, "%d rows %s\n", total, verb)
}

func (a *app) janitorStatus() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Say when the janitor ran, what it removed and what there is to remove",
		Long: `Say when the janitor last ran, what it removed, and how much there is to remove now: of each table
ten thousand rows are looked at, and a + marks a table that has more.`,
		Example: "  identityd janitor status --config stack.yaml\n  identityd janitor status --json",
		Args:    exactArgs(cobra.NoArgs),
	}
	a.flags.register(cmd)
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		o, err := a.open()
		if err != nil {
			return err
		}
		status, err := stack.ReadJanitorStatus(cmd.Context(), o.cfg, o.opts)
		if err != nil {
			return err
		}
		return a.show(*asJSON, status, func(w io.Writer) { printJanitorStatus(w, status) })
	}
	return cmd
}

func printJanitorStatus(out io.Writer, s stack.JanitorStatus) {
	switch {
	case !s.Enabled:
		fmt.Fprintln(out, "the janitor is switched off (janitor.enabled)")
	case s.Began == nil:
		fmt.Fprintln(out, "the janitor has not run yet")
	case s.Ended == nil || s.Ended.Before(*s.Began):
		fmt.Fprintf(out, "a run that began at %s has not ended\n", s.Began.Format(time.RFC3339))
	default:
		fmt.Fprintf(out, "the last run ended at %s and took %s\n",
			s.Ended.Format(time.RFC3339), s.Ended.Sub(*s.Began).Round(time.Millisecond))
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "TABLE\tTO REMOVE\tLAST RUN\tEVER")
	for _, t := range s.Tables {
		more := ""
		if !t.All {
			more = "+"
		}
		fmt.Fprintf(w, "%s\t%d%s\t%d\t%d\n", t.Table, t.Backlog, more, t.Removed, t.RemovedEver)
	}
	w.Flush() //nolint:errcheck // as for any print
}
