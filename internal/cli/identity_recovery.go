package cli

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/spf13/cobra"
)

// recoveryWay is a way into an account.
type recoveryWay struct {
	Person string `json:"identity_id"`
	Link   string `json:"recovery_link"`
	// Code is empty where mail.style is link: the link alone opens the account then.
	Code    string `json:"recovery_code,omitempty"`
	Expires string `json:"expires_at"`
}

func (a *app) identityRecovery() *cobra.Command {
	var expires time.Duration
	cmd := &cobra.Command{
		Use:   "recovery-link ID|IDENTIFIER",
		Short: "Make a link or code that opens somebody's account",
		Long: `Make a way into an account for somebody who lost theirs. Nothing is mailed: whoever holds the link, and the
code where one is shown, gets into the account: be sure to whom you give it. That it was made, for whom and
by whom, is on the audit trail (RecoveryOffered).`,
		Example: "  identityd identity recovery-link anna@example.com\n  identityd identity recovery-link anna@example.com --expires-in 15m --json",
		Args:    exactArgs(cobra.ExactArgs(1)),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if expires < 0 || cmd.Flags().Changed("expires-in") && expires < time.Second {
			return &usageError{fmt.Errorf("--expires-in wants a time to come, as in 15m (got %s)", expires)}
		}
		d, err := a.reach(cmd)
		if err != nil {
			return err
		}
		defer d.Close()
		p, _, err := findPerson(cmd.Context(), d, args[0])
		if err != nil {
			return err
		}
		way, err := makeRecovery(cmd.Context(), d, p.ID, expires)
		if err != nil {
			return fmt.Errorf("making a way into the account of %s: %w", p.ID, err)
		}
		fmt.Fprintf(a.stderr, "whoever holds this gets into the account of %s\n", printable(p.identifier()))
		return a.show(*asJSON, way, func(out io.Writer) {
			fmt.Fprintf(out, "link     %s\n", way.Link)
			if way.Code != "" {
				fmt.Fprintf(out, "code     %s\n", way.Code)
			}
			fmt.Fprintf(out, "expires  %s\n", way.Expires)
		})
	}
	a.flags.register(cmd)
	a.access.register(cmd, engineKratos)
	cmd.Flags().DurationVar(&expires, "expires-in", 0, "for how long it opens (as for those that are mailed)")
	return cmd
}

// makeRecovery makes a code, or a link where codes are switched off (mail.style).
func makeRecovery(ctx context.Context, d *admin, id string, expires time.Duration) (recoveryWay, error) {
	body := map[string]string{"identity_id": id}
	if expires > 0 {
		body["expires_in"] = expires.String()
	}
	way := recoveryWay{Person: id}
	err := d.Kratos().Call(ctx, http.MethodPost, "/admin/recovery/code", body, &way)
	if isStatus(err, http.StatusNotFound) || isStatus(err, http.StatusBadRequest) {
		way = recoveryWay{Person: id}
		if again := d.Kratos().Call(ctx, http.MethodPost, "/admin/recovery/link", body, &way); again == nil {
			return way, nil
		}
	}
	return way, err
}
