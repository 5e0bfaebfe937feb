package cli

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/control"
	"example.com/identityd/internal/stack"
)

func (a *app) throttle() *cobra.Command {
	return group("throttle", "See who has to wait after failed attempts, and let them in", `Failed sign-ins, mails that are asked for and wrong client secrets are counted, and bring waits of up to
fifteen minutes (throttle: in stack.yaml). Accounts are hashed: name one to find its counts.

An identityd that serves from this data_dir is asked, through its control socket, for what it remembers
too. Without one the database is read.`,
		a.throttleList(), a.throttleClear())
}

func (a *app) throttleList() *cobra.Command {
	var q stack.ThrottleQuery
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List what is counted, the longest wait first",
		Example: "  identityd throttle list\n  identityd throttle list --account anna@example.com --json\n  identityd throttle list --address 203.0.113.0/24",
		Args:    exactArgs(cobra.NoArgs),
	}
	a.flags.register(cmd)
	registerThrottleQuery(cmd, &q)
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		list := []stack.Throttled{}
		err := a.askThrottle(cmd, q, http.MethodGet, &list, func(cfg config.Config, opts stack.Options) (err error) {
			list, err = stack.ListThrottled(cmd.Context(), cfg, opts, q)
			return err
		})
		if err != nil {
			return err
		}
		return a.show(*asJSON, map[string]any{"counts": list}, func(w io.Writer) { printThrottled(w, list, time.Now()) })
	}
	return cmd
}

func (a *app) throttleClear() *cobra.Command {
	var q stack.ThrottleQuery
	all := false
	cmd := &cobra.Command{
		Use:   "clear",
		Short: "Set counts back, so that nobody has to wait for them",
		Long: `Set counts back, in the database and in the identityd that serves from this data_dir. Other processes
of the installation remember a wait that they gave for up to throttle.longest_wait: run it beside each.`,
		Example: "  identityd throttle clear --account anna@example.com\n  identityd throttle clear --address 2001:db8::/64\n  identityd throttle clear --all",
		Args:    exactArgs(cobra.NoArgs),
	}
	a.flags.register(cmd)
	registerThrottleQuery(cmd, &q)
	cmd.Flags().BoolVar(&all, "all", false, "clear every count")
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if all != (q == stack.ThrottleQuery{}) {
			return &usageError{errors.New("name what to clear with --account or --address, or everything with --all alone")}
		}
		var done struct {
			Cleared int `json:"cleared"`
		}
		err := a.askThrottle(cmd, q, http.MethodDelete, &done, func(cfg config.Config, opts stack.Options) (err error) {
			done.Cleared, err = stack.ClearThrottled(cmd.Context(), cfg, opts, q)
			return err
		})
		if err != nil {
			return err
		}
		return a.show(*asJSON, done, func(w io.Writer) { fmt.Fprintf(w, "%d counts cleared\n", done.Cleared) })
	}
	return cmd
}

func registerThrottleQuery(cmd *cobra.Command, q *stack.ThrottleQuery) {
	cmd.Flags().StringVar(&q.Account, "account", "", "only an `account`: an identifier, the id of an identity, or the id of a client")
	cmd.Flags().StringVar(&q.Address, "address", "", "only an `address`, or a prefix")
}

// askThrottle asks the identityd that runs here, or the database where none does.
func (a *app) askThrottle(cmd *cobra.Command, q stack.ThrottleQuery, how string, answer any, ask func(config.Config, stack.Options) error) error {
	o, err := a.open()
	if err != nil {
		return err
	}
	c, err := control.Dial(o.cfg.DataDir)
	if err != nil { // whatever the reason, the database knows
		return ask(o.cfg, o.opts)
	}
	query, err := q.Hashed(cmd.Context(), o.cfg, o.opts)
	if err != nil {
		return err
	}
	return c.Call(cmd.Context(), how, "/throttle?"+query.Encode(), nil, answer)
}

func printThrottled(out io.Writer, list []stack.Throttled, now time.Time) {
	if len(list) == 0 {
		fmt.Fprintln(out, "nothing is counted")
		return
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ATTEMPT\tBY\tADDRESS\tACCOUNT\tFAILURES\tWAIT\tFORGOTTEN IN\tREGION")
	dash := func(s string) string {
		if s == "" {
			return "-"
		}
		return s
	}
	for _, t := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%s\t%s\t%s\n", t.Attempt, t.Scope, dash(t.Address), dash(t.Account), t.Failures,
			dash(t.Wait), t.Forgotten.Sub(now).Round(time.Second), dash(t.Region))
	}
	w.Flush() //nolint:errcheck // as for any print
}
