package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/declare"
)

// secondSecret is what may be known of a secret of before. Until is nil where none is honored.
type secondSecret struct {
	Replaced *time.Time `json:"replaced_at"`
	Until    *time.Time `json:"until"`
}

// text is nothing where none is honored.
func (s secondSecret) text() string {
	if s.Until == nil {
		return ""
	}
	return "honored until " + s.Until.Local().Format(time.RFC3339)
}

func secretPath(id string) string {
	return "/admin/identityd/clients/" + url.PathEscape(id) + "/secret"
}

// secondOf asks for the secret of before. A Hydra of its own knows none.
func secondOf(cmd *cobra.Command, d *admin, id string) (s secondSecret, err error) {
	err = d.Hydra().Call(cmd.Context(), http.MethodGet, secretPath(id), nil, &s)
	if isStatus(err, http.StatusNotFound) {
		return s, nil
	}
	return s, err
}

func (a *app) clientRotateSecret() *cobra.Command {
	var (
		grace time.Duration
		end   bool
	)
	cmd := &cobra.Command{
		Use:   "rotate-secret ID",
		Short: "Make a new secret, and honor the old one for a while",
		Long: `Make a new secret for an OAuth2 client, shown this once. The old one is honored beside it for --grace, in
all processes, so that the application can be given the new one without an outage; identityd client get
shows until when. --end-grace ends that at once and makes no secret.

A secret that leaked has to end now: identityd incident client-secret. The secret of a client that
stack.yaml declares is changed there.`,
		Example: "  identityd client rotate-secret shop\n  identityd client rotate-secret shop --grace 2h --json\n" +
			"  identityd client rotate-secret shop --end-grace",
		Args: exactArgs(cobra.ExactArgs(1)),

		ValidArgsFunction: a.completeIDs(clientIDs),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		id := args[0]
		if end && cmd.Flags().Changed("grace") {
			return &usageError{errors.New("--end-grace ends a grace, and --grace begins one: name one of them")}
		}
		if grace <= 0 {
			return &usageError{fmt.Errorf("--grace: must be longer than nothing, as in 24h (got %s); a secret that has to end now is replaced by identityd incident client-secret %s", grace, id)}
		}
		d, err := a.reach(cmd)
		if err != nil {
			return err
		}
		defer d.Close()
		c, _, err := getClient(cmd, d, id)
		if err != nil {
			return err
		}
		if end {
			return a.endGrace(cmd, d, id, *asJSON)
		}
		if owner := declare.Owner(c.Metadata); owner != "" {
			return fmt.Errorf("client %s belongs to %s (clients[].id: %s): its secret is changed there, and the old one ends with the reload; "+
				"without an outage: declare a second client, move the application over, and take the first one out", id, owner, id)
		}
		var made struct {
			ID       string       `json:"client_id"`
			Secret   string       `json:"client_secret"`
			Previous secondSecret `json:"previous_secret"`
		}
		if err := d.Hydra().Call(cmd.Context(), http.MethodPost, secretPath(id), map[string]any{"grace": grace.String()}, &made); err != nil {
			if isStatus(err, http.StatusConflict) {
				return fmt.Errorf("replacing the secret of client %s: %w Wait for it, or end it with identityd client rotate-secret %s --end-grace", id, err, id)
			}
			return clientError("replacing the secret of", id, err)
		}
		return a.show(*asJSON, made, func(out io.Writer) {
			fmt.Fprintf(out, "client %s has a new secret, not shown again: %s\n", printable(made.ID), made.Secret)
			fmt.Fprintf(out, "the old one is %s; end it as soon as nobody sends it any more: identityd client rotate-secret %s --end-grace\n",
				cmp.Or(made.Previous.text(), "not honored"), printable(made.ID))
		})
	}
	a.flags.register(cmd)
	a.access.register(cmd, engineHydra)
	cmd.Flags().DurationVar(&grace, "grace", 24*time.Hour, "how `long` the old one is honored, at most 2160h")
	cmd.Flags().BoolVar(&end, "end-grace", false, "end the old one now, and make no new one")
	return cmd
}

func (a *app) endGrace(cmd *cobra.Command, d *admin, id string, asJSON bool) error {
	var ended struct {
		ID    string `json:"client_id"`
		Ended bool   `json:"ended"`
	}
	if err := d.Hydra().Call(cmd.Context(), http.MethodDelete, secretPath(id)+"/previous", nil, &ended); err != nil {
		return clientError("ending the old secret of", id, err)
	}
	return a.show(asJSON, ended, func(out io.Writer) {
		if !ended.Ended {
			fmt.Fprintf(out, "client %s has one secret; there was no grace to end\n", printable(id))
			return
		}
		fmt.Fprintf(out, "the old secret of client %s proves nothing any more\n", printable(id))
	})
}
