package cli

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/stack"
)

const pathHooks = "/admin/identityd/hooks"

// errHookTest is the end of a test that a receiver did not pass.
var errHookTest = errors.New("the hook did not pass the test")

func (a *app) hooks() *cobra.Command {
	return group("hooks", "Test the receivers of hooks, and look after what they were not told", `Receivers of hooks: (stack.yaml) are asked before something happens, or told afterwards. What could not be
told waits, is tried again for a day and a half, and is kept when it was given up.`,
		a.hooksList(), a.hooksTest(), a.hooksRetry(), a.hooksDrop())
}

func (a *app) hooksList() *cobra.Command {
	var hook string
	dead := false
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the hooks, what waits for them, and what was given up",
		Long: `List the hooks of the configuration with how many messages wait for each and how many were given up, and
the messages, the oldest first, with why their last attempt failed. What they say is not shown.`,
		Example: "  identityd hooks list\n  identityd hooks list --dead --json\n  identityd hooks list --hook crm.example.com/hooks",
		Args:    exactArgs(cobra.NoArgs),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		d, err := a.reach(cmd)
		if err != nil {
			return err
		}
		defer d.Close()
		query := url.Values{}
		if hook != "" {
			query.Set("hook", hook)
		}
		if dead {
			query.Set("dead", "true")
		}
		var list stack.HookList
		if err := d.Kratos().Call(cmd.Context(), http.MethodGet, pathHooks+"?"+query.Encode(), nil, &list); err != nil {
			return fmt.Errorf("listing the hooks: %w", err)
		}
		return a.show(*asJSON, list, func(out io.Writer) { printHooks(out, list, time.Now()) })
	}
	a.flags.register(cmd)
	a.access.register(cmd, engineKratos)
	cmd.Flags().StringVar(&hook, "hook", "", "only the messages for the `hook` of this name")
	cmd.Flags().BoolVar(&dead, "dead", false, "only the messages that were given up")
	return cmd
}

func (a *app) hooksTest() *cobra.Command {
	var event string
	cmd := &cobra.Command{
		Use:   "test HOOK",
		Short: "Send a signed test event to a hook",
		Long: `Send a test event to a hook, by its name or by its place in hooks: (0 is the first), signed as all others
are and with "test": true in it. It says what came back, how long it took, and what to do if that is wrong.
The signature is that of https://www.standardwebhooks.com.`,
		Example: "  identityd hooks test crm.example.com/hooks\n  identityd hooks test 0 --event login.before",
		Args:    exactArgs(cobra.ExactArgs(1)),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		d, err := a.reach(cmd)
		if err != nil {
			return err
		}
		defer d.Close()
		name := args[0]
		if isDigits(name) {
			var list stack.HookList
			if err := d.Kratos().Call(cmd.Context(), http.MethodGet, pathHooks, nil, &list); err != nil {
				return fmt.Errorf("listing the hooks: %w", err)
			}
			if name, err = hookAt(list, name); err != nil {
				return err
			}
		}
		var tried stack.HookTried
		if err := d.Kratos().Call(cmd.Context(), http.MethodPost, pathHooks+"/test", stack.HookTest{Hook: name, Event: event}, &tried); err != nil {
			return fmt.Errorf("testing the hook: %w", err)
		}
		if err := a.show(*asJSON, tried, func(out io.Writer) { printHookTest(out, tried) }); err != nil {
			return err
		}
		if !tried.OK {
			return errHookTest
		}
		return nil
	}
	a.flags.register(cmd)
	a.access.register(cmd, engineKratos)
	cmd.Flags().StringVar(&event, "event", "", "the `event` to send (default the first that the hook is on)")
	return cmd
}

func (a *app) hooksRetry() *cobra.Command {
	var c stack.HookChange
	cmd := &cobra.Command{
		Use:   "retry [ID]",
		Short: "Send again what was given up",
		Long: `Make a message that waits, or was given up, due now, with all attempts before it. With --all those that
were given up, of one hook with --hook.`,
		Example: "  identityd hooks retry evt_AHJRQX4NNLO3JZT7RJ6QJ3BXLM\n  identityd hooks retry --all\n  identityd hooks retry --hook crm.example.com/hooks",
		Args:    exactArgs(cobra.MaximumNArgs(1)),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return a.changeHooks(cmd, args, c, *asJSON, "/retry", "sending again", "to be sent again")
	}
	a.flags.register(cmd)
	a.access.register(cmd, engineKratos)
	registerHookChange(cmd, &c)
	return cmd
}

func (a *app) hooksDrop() *cobra.Command {
	var c stack.HookChange
	yes := false
	cmd := &cobra.Command{
		Use:     "drop [ID]",
		Short:   "Delete what nobody is to be told any longer",
		Long:    "Delete a message that waits, or was given up. With --all those that were given up, of one hook with --hook.",
		Example: "  identityd hooks drop evt_AHJRQX4NNLO3JZT7RJ6QJ3BXLM --yes\n  identityd hooks drop --hook crm.example.com/hooks --yes",
		Args:    exactArgs(cobra.MaximumNArgs(1)),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		what := "delete every message that was given up"
		switch {
		case len(args) == 1:
			what = "delete message " + args[0]
		case c.Hook != "":
			what += " of hook " + c.Hook
		}
		if err := a.confirm(cmd, yes, what); err != nil {
			return err
		}
		return a.changeHooks(cmd, args, c, *asJSON, "/drop", "deleting", "deleted")
	}
	a.flags.register(cmd)
	a.access.register(cmd, engineKratos)
	registerHookChange(cmd, &c)
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

func registerHookChange(cmd *cobra.Command, c *stack.HookChange) {
	cmd.Flags().BoolVar(&c.All, "all", false, "every message that was given up")
	cmd.Flags().StringVar(&c.Hook, "hook", "", "every message that was given up of the `hook` of this name")
}

func (a *app) changeHooks(cmd *cobra.Command, args []string, c stack.HookChange, asJSON bool, path, doing, done string) error {
	if len(args) == 1 {
		c.ID = args[0]
	}
	if n := btoi(c.ID != "") + btoi(c.Hook != "") + btoi(c.All); n != 1 {
		return &usageError{errors.New("name one message by its id, or those that were given up with --hook or --all")}
	}
	d, err := a.reach(cmd)
	if err != nil {
		return err
	}
	defer d.Close()
	var changed struct {
		Changed int `json:"changed"`
	}
	if err := d.Kratos().Call(cmd.Context(), http.MethodPost, pathHooks+path, c, &changed); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return a.show(asJSON, changed, func(out io.Writer) { fmt.Fprintf(out, "%d messages %s\n", changed.Changed, done) })
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func hookAt(list stack.HookList, place string) (string, error) {
	n := 0
	if _, err := fmt.Sscanf(place, "%d", &n); err != nil || n >= len(list.Hooks) || list.Hooks[n].URL == "" {
		return "", fmt.Errorf("hooks: in stack.yaml has no entry %s; identityd hooks list shows those that there are", place)
	}
	return list.Hooks[n].Name, nil
}

func printHooks(out io.Writer, list stack.HookList, now time.Time) {
	if len(list.Hooks) == 0 {
		fmt.Fprintln(out, "there are no hooks")
		return
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "HOOK\tON\tWAITING\tGIVEN UP")
	for _, h := range list.Hooks {
		on := strings.Join(h.On, " ")
		if h.URL == "" {
			on = "- (not in stack.yaml)"
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\n", h.Name, on, h.Waiting, h.Dead)
	}
	if len(list.Messages) > 0 {
		fmt.Fprintln(w, "\nMESSAGE\tHOOK\tEVENT\tAGE\tATTEMPTS\tNEXT\tWHY")
	}
	for _, m := range list.Messages {
		next := "given up"
		if m.Next != nil {
			next = "now"
			if left := m.Next.Sub(now).Round(time.Second); left > 0 {
				next = "in " + left.String()
			}
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%s\t%s\n", m.ID, m.Hook, m.Event, now.Sub(m.Noted).Round(time.Second), m.Attempts, next, printable(m.Reason))
	}
	w.Flush() //nolint:errcheck // as for any print
	if list.More {
		fmt.Fprintf(out, "and more: these are the oldest %d\n", len(list.Messages))
	}
}

func printHookTest(out io.Writer, t stack.HookTried) {
	status := "no answer"
	if t.Status != 0 {
		status = fmt.Sprintf("status %d", t.Status)
	}
	fmt.Fprintf(out, "%s was sent %s as %s: %s after %d ms\n", t.Hook, t.Event, t.ID, status, t.Took)
	switch {
	case t.OK && t.Refused:
		fmt.Fprintln(out, "it refused, which is an answer")
	case t.OK:
		fmt.Fprintln(out, "it took it")
	default:
		fmt.Fprintf(out, "%s\n%s\n", printable(t.Problem), t.Cure)
	}
	if t.OK {
		fmt.Fprintln(out, "See in its log that it looked at the signature: webhook-signature is v1, and the base64 of HMAC-SHA256 over\n"+
			"webhook-id.webhook-timestamp.body with the secret of secret_file.")
	}
}
