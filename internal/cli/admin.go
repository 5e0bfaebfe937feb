package cli

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/adminguard"
)

func (a *app) adminTokens() *cobra.Command {
	return group("admin", "Make tokens for the admin APIs", `The admin APIs of both engines are on loopback, and beyond it for those who have a token of
admin.token_file or a certificate of admin.client_ca_file. docs/production.md says how.`, a.adminToken())
}

func (a *app) adminToken() *cobra.Command {
	var (
		scopes []string
		until  string
	)
	cmd := &cobra.Command{
		Use:   "token NAME",
		Short: "Make a token, and the line that admits it",
		Long: `Make a token, and the line that admits it, for the file that admin.token_file names. The token is
shown this once and kept nowhere; the file holds its hash. A changed file is read again within a second.

Scopes: read (all that is no secret, and introspection), clients, identities, all.`,
		Example: "  identityd admin token deploy --scope clients\n  identityd admin token hr --scope read,identities --json",
		Args:    exactArgs(cobra.ExactArgs(1)),
	}
	cmd.Flags().StringSliceVar(&scopes, "scope", nil, "what it may do, a list of `scopes`: read, clients, identities, all")
	values(cmd, "scope", string(adminguard.Read), string(adminguard.Clients), string(adminguard.Identities), string(adminguard.All))
	cmd.Flags().StringVar(&until, "until", "", "the last `day` on which it opens, as in 2027-12-31 (UTC)")
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		var list []adminguard.Scope
		for _, s := range scopes {
			list = append(list, adminguard.Scope(s))
		}
		var day time.Time
		if until != "" {
			var err error
			if day, err = time.Parse(time.DateOnly, until); err != nil || day.Before(time.Now().AddDate(0, 0, -1)) {
				return &usageError{fmt.Errorf("--until wants a day to come, as in 2027-12-31 (got %s)", until)}
			}
		}
		secret, line, err := adminguard.NewUntil(args[0], list, day)
		if err != nil {
			return &usageError{err}
		}
		return a.show(*asJSON, map[string]string{"token": secret, "line": line}, func(w io.Writer) {
			fmt.Fprintf(w, "token, for its user (Authorization: Bearer ...), not shown again:\n  %s\n\n"+
				"line, for the file of admin.token_file:\n  %s\n", secret, line)
		})
	}
	return cmd
}
