package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/declare"
	"example.com/identityd/internal/incident"
)

func (a *app) incidentClientSecret() *cobra.Command {
	var (
		how   playing
		since string
	)
	cmd := &cobra.Command{
		Use:   "client-secret CLIENT",
		Short: "Replace the secret of an OAuth2 client that leaked, and end its tokens",
		Long: `Replace the secret of a client and end what was issued to it, since a moment with --since. The new secret
is shown this once. The old one proves nothing from that moment, and neither does one of before that a
rotation still honors: without a leak, client rotate-secret makes a new secret without an outage. The secret
of a client that stack.yaml declares is replaced there: the plan says how.`,
		Example: "  identityd incident client-secret shop\n  identityd incident client-secret shop --since 2026-11-26T18:00:00Z --yes\n" +
			"  identityd incident client-secret shop --yes --json",
		Args: exactArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			f := tokenFilter{Client: args[0]}
			if since != "" {
				at, err := moment(since)
				if err != nil {
					return &usageError{fmt.Errorf("--since: %w", err)}
				}
				f.After = &at
			}
			d, err := a.reach(cmd)
			if err != nil {
				return err
			}
			defer d.Close()
			c, _, err := getClient(cmd, d, args[0])
			if err != nil {
				return err
			}
			shown := &made{}
			p, err := clientPlaybook(cmd.Context(), d, c, f, shown)
			if err != nil {
				return err
			}
			return a.play(cmd, p, how, shown)
		},
	}
	a.flags.register(cmd)
	a.access.register(cmd, engineHydra)
	how.register(cmd)
	cmd.Flags().StringVar(&since, "since", "", "end the tokens issued since this `moment` only: a time, a day, or how long ago, as in 2h or 7d")
	return cmd
}

// clientPlaybook is for a client's secret that leaked.
func clientPlaybook(ctx context.Context, d *admin, c oauthClient, f tokenFilter, shown *made) (incident.Playbook, error) {
	var found endedTokens
	if err := d.Hydra().Call(ctx, http.MethodPost, "/admin/identityd/tokens/preview", f, &found); err != nil {
		return incident.Playbook{}, fmt.Errorf("counting tokens: %w", err)
	}
	when := "ever"
	if f.After != nil {
		when = "since " + f.After.Format(time.RFC3339)
	}
	p := incident.Playbook{
		Incident: "client-secret",
		Facts:    []string{fmt.Sprintf("Client %s has %s that are good and were issued %s.", printable(c.ID), found, when)},
		Left: []string{
			"Give the application its new secret: until it has it, it gets no tokens and nobody can sign in there.",
			"See what was issued: identityd audit export --client " + printable(c.ID) + " --since ... (OAuth2AccessTokenIssued), and whether those were its own addresses.",
			"Find out how it leaked: a secret in a repository, an image or a log leaks again.",
		},
	}
	secret := incident.Step{
		Name: "new-secret", Does: "make a new secret, which is shown once; the old one proves nothing from this moment",
		Costs: "the application is refused (invalid_client) until it has the new one; people who are signed in there stay so until it needs a token.",
		Do: func(ctx context.Context) (string, error) {
			fresh := rand.Text()
			path := "/admin/clients/" + url.PathEscape(c.ID)
			if err := d.Hydra().Call(ctx, http.MethodPatch, path, patchOf(map[string]any{"client_secret": fresh}), nil); err != nil {
				return "", clientError("changing", c.ID, err)
			}
			shown.add("client_secret", fresh, "Secret of "+printable(c.ID)+", not shown again: "+fresh)
			return "client " + printable(c.ID) + " has a new secret", nil
		},
	}
	if declare.Owner(c.Metadata) != "" {
		secret = incident.Step{
			Name: "new-secret", Does: "put a new secret into stack.yaml (secret or secret_file of this client under clients:) and reload: kill -HUP, or wait for the file to be seen",
			Costs: "as of a new secret: the application is refused until it has it.",
		}
	}
	if c.AuthMethod == "none" {
		return p, &usageError{errors.New("client " + printable(c.ID) + " has no secret (token_endpoint_auth_method none); end its tokens with identityd token delete --client-id " + printable(c.ID))}
	}
	p.Steps = []incident.Step{secret, {
		Name: "end-tokens", Does: fmt.Sprintf("end %s of this client", found),
		Costs: "who uses the application signs in there again, without a password where the session here is good." + jwtCosts(found),
		Do: func(ctx context.Context) (string, error) {
			done, err := endAll(ctx, d, f)
			return done.String() + " ended", err
		},
	}}
	return p, nil
}

// jwtCosts says what no revocation reaches.
func jwtCosts(found endedTokens) string {
	if found.JWTs == 0 || found.Until == nil {
		return ""
	}
	return fmt.Sprintf(" %s are JWTs, which who verifies by keys alone takes until %s.", countOf(int(found.JWTs), "access token"), found.Until.Format(time.RFC3339))
}
