package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/audit"
	"example.com/identityd/internal/stack"
)

func (a *app) audit() *cobra.Command {
	return group("audit", "Verify, read and export the audit trail", `The audit trail says who did what, on whom, from where and with what outcome. It is read from the
database, whether identityd serves or not. docs/audit.md describes it.`,
		a.auditVerify(), a.auditTail(), a.auditExport(), a.auditAnchor())
}

// book opens the trail of the installation that the flags name.
func (a *app) book(cmd *cobra.Command) (*stack.AuditBook, error) {
	o, err := a.open()
	if err != nil {
		return nil, err
	}
	return stack.OpenAudit(cmd.Context(), o.cfg, o.opts)
}

func (a *app) auditVerify() *cobra.Command {
	var kept []string
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Walk through the whole trail and say what was changed or is missing",
		Long: `Walk through all chains and all anchors, and say what was changed, what is missing and which ends were
cut off. Exit code 0 when there is no such thing, 1 otherwise.

With --anchor, an anchor that was kept elsewhere has to be there still: who can write into the database
and knows the secrets could otherwise write a trail of their own.`,
		Example: "  identityd audit verify --config stack.yaml\n  identityd audit verify --anchor 12:9f86d081884c7d65...",
		Args:    exactArgs(cobra.NoArgs),
	}
	a.flags.register(cmd)
	asJSON := jsonFlag(cmd)
	cmd.Flags().StringArrayVar(&kept, "anchor", nil, "an anchor that was kept elsewhere, `number:hash`; repeatable")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		var known []audit.Known
		for _, text := range kept {
			k, err := audit.ParseKnown(text)
			if err != nil {
				return &usageError{fmt.Errorf("--anchor: %w", err)}
			}
			known = append(known, k)
		}
		book, err := a.book(cmd)
		if err != nil {
			return err
		}
		defer book.Close()
		report, err := book.Verify(cmd.Context(), known...)
		if err != nil {
			return err
		}
		if err := a.show(*asJSON, report, func(w io.Writer) { printVerified(w, report) }); err != nil {
			return err
		}
		if len(report.Findings) > 0 {
			return fmt.Errorf("the audit trail is not whole; the first fault is at %s", report.Findings[0].Where)
		}
		return nil
	}
	return cmd
}

func printVerified(w io.Writer, r audit.Report) {
	for _, f := range r.Findings {
		fmt.Fprintf(w, "%s: %s\n", f.Where, f.What)
	}
	fmt.Fprintf(w, "%d records of %d writers, %d anchors\n", r.Records, r.Writers, r.Anchors)
	if r.Newest != nil {
		fmt.Fprintf(w, "newest anchor %d:%s; %d records are younger than it\n", r.Newest.Number, r.Newest.Hash, r.Unanchored)
	}
	if r.Lost > 0 {
		fmt.Fprintf(w, "%d events were not written, for want of a database, and are in the log alone\n", r.Lost)
	}
	if len(r.Findings) == 0 {
		fmt.Fprintln(w, "nothing was changed, nothing is missing")
	}
}

func (a *app) auditAnchor() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "anchor",
		Short: "Print the newest anchor, to keep it elsewhere",
		Long: `Print the number and the hash of the newest anchor. Kept where nobody who can write into the database
can, it proves later that nothing before it was changed: identityd audit verify --anchor.`,
		Example: "  identityd audit anchor --config stack.yaml\n  identityd audit anchor --json",
		Args:    exactArgs(cobra.NoArgs),
	}
	a.flags.register(cmd)
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		book, err := a.book(cmd)
		if err != nil {
			return err
		}
		defer book.Close()
		anchor, there, err := book.Newest(cmd.Context())
		if err != nil {
			return err
		}
		if !there {
			return errors.New("there is no anchor yet; a serving identityd makes the first within a minute of its start")
		}
		return a.show(*asJSON, anchor, func(w io.Writer) { fmt.Fprintf(w, "%d:%s\n", anchor.Number, anchor.Hash) })
	}
	return cmd
}

func (a *app) auditTail() *cobra.Command {
	var (
		chosen auditFilter
		follow bool
		lines  int
	)
	cmd := &cobra.Command{
		Use:     "tail",
		Short:   "Print the newest records, and go on with -f",
		Example: "  identityd audit tail -f --kind LoginFailed\n  identityd audit tail --subject 1f0c... --since 24h --json",
		Args:    exactArgs(cobra.NoArgs),
	}
	a.flags.register(cmd)
	chosen.register(cmd)
	cmd.Flags().BoolVarP(&follow, "follow", "f", false, "go on until it is stopped")
	asJSON := jsonFlag(cmd)
	cmd.Flags().IntVarP(&lines, "lines", "n", 20, "at most this `number` of records")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		filter, err := chosen.filter()
		if err != nil {
			return err
		}
		book, err := a.book(cmd)
		if err != nil {
			return err
		}
		defer book.Close()
		ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		list, err := book.Latest(ctx, filter, lines)
		if err != nil {
			return err
		}
		show := lineOf(a.stdout, *asJSON)
		for i := len(list) - 1; i >= 0; i-- {
			if err := show(list[i]); err != nil {
				return err
			}
		}
		if !follow {
			return nil
		}
		return book.Follow(ctx, filter, show)
	}
	return cmd
}
