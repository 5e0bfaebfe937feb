package cli

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// revokedPerson is what all access of somebody was.
type revokedPerson struct {
	ID       string `json:"id"`
	Sessions int64  `json:"sessions"`
	Pending  int64  `json:"pending_codes"`
	Logins   int64  `json:"logins"`
	Consents int64  `json:"consents"`
	Access   int64  `json:"access_tokens"`
	Refresh  int64  `json:"refresh_tokens"`
	Codes    int64  `json:"codes"`
	JWTs     int64  `json:"jwt_access_tokens"`
	// Until is when the last of the access tokens expires that others verify by themselves; nil where there is none.
	Until *time.Time `json:"jwt_until"`
}

func (a *app) identityRevoke() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "revoke ID|IDENTIFIER...",
		Short: "End all access of people: sessions, consents and tokens",
		Long: `End all that people are signed in with: their sessions, what applications remember of them, the consents they
gave, access and refresh tokens, and codes under way. Applications that asked for it are told by back channel.
The account stays as it is, and may sign in again at once; identity disable does the same and keeps the person
out.

What is not done when this returns, because a database was away, is under way: every identityd tries again.`,
		Example: "  identityd identity revoke anna@example.com\n  identityd identity revoke 9f425a8d-7efc-4768-8f23-7647a74fdf13 --yes --json",
		Args:    exactArgs(cobra.MinimumNArgs(1)),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		d, err := a.reach(cmd)
		if err != nil {
			return err
		}
		defer d.Close()
		people, names, err := findPeople(cmd.Context(), d, args)
		if err != nil {
			return err
		}
		if err := a.confirm(cmd, yes, "end all access of "+strings.Join(names, ", ")); err != nil {
			return err
		}
		out := []revokedPerson{}
		for _, p := range people {
			gone := revokedPerson{ID: p.ID}
			if err := d.Kratos().Call(cmd.Context(), http.MethodPost, "/admin/identityd/identities/"+p.ID+"/revoke", nil, &gone); err != nil {
				return fmt.Errorf("ending access of %s: %w", p.ID, err)
			}
			out = append(out, gone)
		}
		return a.show(*asJSON, map[string]any{"revoked": out}, func(to io.Writer) { printRevoked(to, out) })
	}
	a.flags.register(cmd)
	a.access.register(cmd, engineKratos)
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

func printRevoked(out io.Writer, list []revokedPerson) {
	for _, p := range list {
		fmt.Fprintf(out, "access of %s ended: %s, %s at applications, %s, %s, %s, %s\n", p.ID,
			countOf(int(p.Sessions), "session"), countOf(int(p.Logins), "sign-in"), countOf(int(p.Consents), "consent"),
			countOf(int(p.Refresh), "refresh token"), countOf(int(p.Access), "access token"), countOf(int(p.Codes+p.Pending), "code"))
		if p.Until != nil {
			fmt.Fprintf(out, "%s stay good until %s for whoever verifies them without asking\n",
				countOf(int(p.JWTs), "JWT access token"), p.Until.Format(time.RFC3339))
		}
	}
}
