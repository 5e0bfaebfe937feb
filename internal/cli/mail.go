package cli

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/control"
	"example.com/identityd/internal/stack"
)

func (a *app) mail() *cobra.Command {
	return group("mail", "See whether mail arrives", `See whether mail arrives: what is sent goes through mail.smtp_url of stack.yaml, as what people get does.`,
		a.mailTest())
}

func (a *app) mailTest() *cobra.Command {
	var asJSON *bool
	offline := false
	cmd := &cobra.Command{
		Use:   "test ADDRESS",
		Short: "Send a mail and show what the mail server says",
		Long: `Send a mail to ADDRESS as the courier of identityd serve would: by the same server, encryption, login,
sender and headers, and in the dress of the others. The dialog is shown line by line (C: we, S: the
server) without the password; a failure says at which step it came and what helps. Records of the
sender's domain that receivers look for (SPF, DKIM, DMARC) are looked up, unless --offline or
outbound.none is set.

In development, where a running identityd catches mail, it goes there. What the kratos: block hands to
a web service is not called. Authorities of one's own count by SSL_CERT_FILE, as for identityd serve.`,
		Example: "  identityd mail test anna@example.com\n  identityd mail test anna@example.com --offline --json",
		Args:    exactArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := stack.CheckMailAddress(args[0]); err != nil {
				return &usageError{fmt.Errorf("testing mail: %w", err)}
			}
			o, err := a.open()
			if err != nil {
				return err
			}
			t := stack.MailTest{To: args[0], Offline: offline}
			if err := caught(cmd, o.cfg, &t); err != nil {
				return fmt.Errorf("testing mail: %w", err)
			}
			report, err := stack.TestMail(cmd.Context(), o.cfg, t)
			if err != nil {
				return fmt.Errorf("testing mail: %w", err)
			}
			if err := a.show(*asJSON, report, func(out io.Writer) { printMailReport(out, report) }); err != nil {
				return err
			}
			if f := report.Failure; f != nil {
				return fmt.Errorf("testing mail: %s: %w", f.Step, report.Err())
			}
			return nil
		},
	}
	a.flags.register(cmd)
	cmd.Flags().BoolVar(&offline, "offline", false, "do not look up what name servers say of the sender's domain")
	asJSON = jsonFlag(cmd)
	return cmd
}

// caught asks the identityd that runs here where it catches mail, where that is how it is configured.
func caught(cmd *cobra.Command, cfg config.Config, t *stack.MailTest) error {
	if !cfg.Inbox() {
		return nil
	}
	c, err := control.Dial(cfg.DataDir)
	var none *control.NotRunningError
	switch {
	case errors.As(err, &none):
		return nil // the report says so, with the cure
	case err != nil:
		return err
	}
	var s stack.ProcessStatus
	if err := c.Call(cmd.Context(), http.MethodGet, "/status", nil, &s); err != nil {
		return err
	}
	t.Inbox, t.Pages = s.Inbox, s.URLs["ui"]
	return nil
}

func printMailReport(out io.Writer, r stack.MailReport) {
	for _, l := range r.Dialog {
		who := l.From + ":"
		if l.From == "*" {
			who = "* "
		}
		fmt.Fprintf(out, "%8s  %s %s\n", l.At, who, l.Text)
	}
	if len(r.Domain) > 0 {
		fmt.Fprintln(out)
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		for _, n := range r.Domain {
			if n.OK {
				fmt.Fprintf(w, "%s\tok\t%s\n", n.Record, n.Text)
			} else {
				fmt.Fprintf(w, "%s\twarning\t%s; %s\n", n.Record, n.Text, n.Cure)
			}
		}
		w.Flush() //nolint:errcheck // as for any print
	}
	fmt.Fprintln(out)
	for _, n := range r.Notes {
		fmt.Fprintln(out, "note:", n)
	}
	if !r.Sent {
		fmt.Fprintf(out, "mail to %s not sent, after %s\n", r.To, r.Took)
		return
	}
	fmt.Fprintf(out, "mail to %s sent by %s in %s\n", r.To, r.Server, r.Took)
	if r.Read != "" {
		fmt.Fprintln(out, "read it at", r.Read)
	}
}
