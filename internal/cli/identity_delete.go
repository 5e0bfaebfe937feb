package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/declare"
)

// leftPerson is what went with a person.
type leftPerson struct {
	ID       string `json:"id"`
	Sessions int    `json:"sessions"`
	// Applications had been let into the account; nil where Hydra could not be asked.
	Applications *int `json:"applications"`
}

func (a *app) identityDelete() *cobra.Command {
	var yes, force bool
	cmd := &cobra.Command{
		Use:   "delete ID|IDENTIFIER",
		Short: "Delete somebody's account, sessions and tokens",
		Long: `Delete an account for good, in the order in which the account page does: sessions end, applications are told
by back channel, their consents, codes and tokens end, and the account goes. It can be repeated when
something in between fails. Access tokens that are JWTs stay good until they expire for whoever does not ask.

With --endpoint, name Hydra's admin API as well (--hydra-endpoint): tokens are there.`,
		Example: "  identityd identity delete anna@example.com\n  identityd identity delete 9f425a8d-7efc-4768-8f23-7647a74fdf13 --yes --json",
		Args:    exactArgs(cobra.ExactArgs(1)),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		d, err := a.reach(cmd)
		if err != nil {
			return err
		}
		defer d.Close()
		if d.Hydra().unknown != nil {
			return &usageError{d.Hydra().unknown}
		}
		p, _, err := findPerson(cmd.Context(), d, args[0])
		if err != nil {
			return err
		}
		if owner := declare.Owner(p.Own); owner != "" && !force {
			return fmt.Errorf("identity %s belongs to %s (identities): remove it there, or with --force here: the next start makes it again", p.ID, owner)
		}
		gone, err := countLeaving(cmd.Context(), d, p.ID)
		if err != nil {
			return fmt.Errorf("deleting identity %s: %w", p.ID, err)
		}
		what := fmt.Sprintf("delete the account %s for good, with %s and what %s may do for it",
			printable(p.identifier()), countOf(gone.Sessions, "session"), countOf(*gone.Applications, "application"))
		if err := a.confirm(cmd, yes, what); err != nil {
			return err
		}
		if err := deletePerson(cmd.Context(), d, p.ID); err != nil {
			return fmt.Errorf("deleting identity %s: %w; run it again, what is done already stays done", p.ID, err)
		}
		return a.show(*asJSON, gone, func(out io.Writer) {
			fmt.Fprintf(out, "identity %s deleted, with %s and what %s held\n", p.ID,
				countOf(gone.Sessions, "session"), countOf(*gone.Applications, "application"))
		})
	}
	a.flags.register(cmd)
	a.access.register(cmd, engineKratos, engineHydra)
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	cmd.Flags().BoolVar(&force, "force", false, "delete it though a file declares it: the next start makes it again")
	return cmd
}

func countLeaving(ctx context.Context, d *admin, id string) (leftPerson, error) {
	sessions, err := sessionsOf(ctx, d, id, true)
	if err != nil {
		return leftPerson{}, err
	}
	clients := map[string]bool{}
	var consents []struct {
		Request struct {
			Client struct {
				ID string `json:"client_id"`
			} `json:"client"`
		} `json:"consent_request"`
	}
	path := "/admin/oauth2/auth/sessions/consent?" + url.Values{"subject": {id}, "page_size": {"500"}}.Encode()
	if err := d.Hydra().Call(ctx, http.MethodGet, path, nil, &consents); err != nil {
		return leftPerson{}, err
	}
	for _, c := range consents {
		clients[c.Request.Client.ID] = true
	}
	n := len(clients)
	return leftPerson{ID: id, Sessions: len(sessions), Applications: &n}, nil
}

// deletePerson keeps to an order that can be broken off anywhere (docs/adr/0031-leaving.md): while the account
// is there, whoever deletes it can find it again.
func deletePerson(ctx context.Context, d *admin, id string) error {
	subject := url.Values{"subject": {id}}
	all := url.Values{"subject": {id}, "all": {"true"}}
	for _, step := range []struct {
		api        *adminAPI
		path, what string
	}{
		{d.Kratos(), "/admin/identities/" + id + "/sessions", "ending sessions"},
		{d.Hydra(), "/admin/oauth2/auth/sessions/login?" + subject.Encode(), "ending sessions of applications"},
		{d.Hydra(), "/admin/oauth2/auth/sessions/consent?" + all.Encode(), "ending tokens"},
		{d.Kratos(), "/admin/identities/" + id, "removing the account"},
		// Once more, for what an application got between the two.
		{d.Hydra(), "/admin/oauth2/auth/sessions/consent?" + all.Encode(), "ending tokens"},
	} {
		err := step.api.Call(ctx, http.MethodDelete, step.path, nil, nil)
		if err != nil && !isStatus(err, http.StatusNotFound) {
			return errors.Join(fmt.Errorf("%s: %w", step.what, err))
		}
	}
	return nil
}
