package cli

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// tokenFilter says which tokens are meant (internal/hydra/everyday_tokens.go).
type tokenFilter struct {
	After   *time.Time `json:"issued_after,omitempty"`
	Client  string     `json:"client_id,omitempty"`
	Subject string     `json:"subject,omitempty"`
}

// endedTokens is how many there are, or were ended.
type endedTokens struct {
	Access  int64      `json:"access_tokens"`
	Refresh int64      `json:"refresh_tokens"`
	Codes   int64      `json:"codes"`
	JWTs    int64      `json:"jwt_access_tokens"`
	Until   *time.Time `json:"jwt_until"`
	DryRun  bool       `json:"dry_run"`
}

func (a *app) tokenRevoke() *cobra.Command {
	var (
		f        tokenFilter
		after    string
		dry, yes bool
	)
	cmd := &cobra.Command{
		Use:   "revoke [TOKEN]",
		Short: "End a token, or all that were issued since a moment",
		Long: `End a token and all that came of the same grant (RFC 7009), without asking for its client's secret. Or,
with --issued-after or --subject, all tokens and codes of that time, person or client: people stay signed in,
and applications get new ones by sending them here again.

Access tokens that are JWTs end for who asks us; who verifies them by the public keys takes them until
they expire, and the answer says when that is.`,
		Example: "  identityd token revoke < token\n  identityd token revoke --issued-after 2h --dry-run\n" +
			"  identityd token revoke --issued-after 2026-11-27T06:00:00Z --client-id shop --yes",
		Args: exactArgs(cobra.MaximumNArgs(1)),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if after == "" && f.Subject == "" {
			if dry {
				return &usageError{fmt.Errorf("--dry-run is for --issued-after and --subject")}
			}
			return a.revokeOne(cmd, args, f.Client, *asJSON)
		}
		if len(args) > 0 {
			return &usageError{fmt.Errorf("name one token, or many by --issued-after or --subject")}
		}
		if after != "" {
			at, err := momentOf(after, time.Now())
			if err != nil {
				return &usageError{fmt.Errorf("--issued-after: %w", err)}
			}
			f.After = &at
		}
		return a.endTokens(cmd, f, dry, yes, *asJSON)
	}
	a.flags.register(cmd)
	a.access.register(cmd, engineHydra)
	cmd.Flags().StringVar(&after, "issued-after", "", "all that were issued since this `moment`: a time, a day, or how long ago, as in 2h")
	cmd.Flags().StringVar(&f.Client, "client-id", "", "only those of the client of this `id`")
	cmd.Flags().StringVar(&f.Subject, "subject", "", "only those of the person of this `id`")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "say what would be done, and do nothing")
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

func (a *app) tokenDelete() *cobra.Command {
	var (
		f        tokenFilter
		dry, yes bool
	)
	cmd := &cobra.Command{
		Use:   "delete",
		Short: "End all tokens of a client",
		Long: `End all access and refresh tokens and codes of a client. Hydra's own command leaves the refresh tokens, which
bring new access tokens. The consents of people stay: nobody is asked again.`,
		Example: "  identityd token delete --client-id shop --dry-run\n  identityd token delete --client-id shop --yes --json",
		Args:    exactArgs(cobra.NoArgs),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if f.Client == "" {
			return &usageError{fmt.Errorf("name the client with --client-id")}
		}
		return a.endTokens(cmd, f, dry, yes, *asJSON)
	}
	a.flags.register(cmd)
	a.access.register(cmd, engineHydra)

	cmd.Flags().StringVar(&f.Client, "client-id", "", "those of the client of this `id`")
	_ = cmd.RegisterFlagCompletionFunc("client-id", a.completeIDs(clientIDs)) // as in values
	cmd.Flags().BoolVar(&dry, "dry-run", false, "say what would be done, and do nothing")
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

func (a *app) revokeOne(cmd *cobra.Command, args []string, client string, asJSON bool) error {
	token, err := a.tokenOf(cmd, args)
	if err != nil {
		return err
	}
	d, err := a.reach(cmd)
	if err != nil {
		return err
	}
	defer d.Close()
	var got struct {
		Revoked bool       `json:"revoked"`
		Use     string     `json:"token_use,omitempty"`
		Client  string     `json:"client_id,omitempty"`
		Subject string     `json:"subject,omitempty"`
		Until   *time.Time `json:"jwt_until,omitempty"`
	}
	in := map[string]string{"token": token, "client_id": client}
	if err := d.Hydra().Call(cmd.Context(), http.MethodPost, "/admin/identityd/tokens/revoke", in, &got); err != nil {
		return fmt.Errorf("revoking the token: %w", err)
	}
	if err := a.show(asJSON, got, func(out io.Writer) {
		if !got.Revoked {
			fmt.Fprintln(out, "the token was not good any more: it is unknown, expired or revoked")
			return
		}
		fmt.Fprintf(out, "token of client %s revoked, and what came of the same grant\n", printable(got.Client))
	}); err != nil {
		return err
	}
	tellJWTs(a.stderr, 1, got.Until)
	return nil
}

// tellJWTs says what no revocation reaches.
func tellJWTs(out io.Writer, n int64, until *time.Time) {
	if until != nil && n > 0 {
		fmt.Fprintf(out, "untouched: whoever verifies JWTs by the public keys alone takes %s of these until %s\n",
			countOf(int(n), "access token"), until.Format(time.RFC3339))
	}
}

// endTokens ends all that a filter means, after a question with their number.
func (a *app) endTokens(cmd *cobra.Command, f tokenFilter, dry, yes, asJSON bool) error {
	d, err := a.reach(cmd)
	if err != nil {
		return err
	}
	defer d.Close()
	if f.Client != "" { // a mistyped client has no tokens, which is no good news
		if _, _, err := getClient(cmd, d, f.Client); err != nil {
			return err
		}
	}
	var found endedTokens
	if err := d.Hydra().Call(cmd.Context(), http.MethodPost, "/admin/identityd/tokens/preview", f, &found); err != nil {
		return fmt.Errorf("counting tokens: %w", err)
	}
	done := "would be ended"
	if found.DryRun = dry; !dry {
		if err := a.confirm(cmd, yes, "end "+found.String()); err != nil {
			return err
		}
		if found, err = endAll(cmd.Context(), d, f); err != nil {
			return fmt.Errorf("ending tokens, of which %s are ended: %w", found, err)
		}
		done = "ended"
	}
	if err := a.show(asJSON, found, func(out io.Writer) { fmt.Fprintf(out, "%s %s\n", found, done) }); err != nil {
		return err
	}
	tellJWTs(a.stderr, found.JWTs, found.Until)
	return nil
}

// endAll asks again for as long as there are more.
func endAll(ctx context.Context, d *admin, f tokenFilter) (total endedTokens, err error) {
	for {
		var one struct {
			endedTokens

			More bool `json:"more"`
		}
		if err := d.Hydra().Call(ctx, http.MethodPost, "/admin/identityd/tokens/end", f, &one); err != nil {
			return total, err
		}
		total.Access += one.Access
		total.Refresh += one.Refresh
		total.Codes += one.Codes
		if one.Until != nil && total.Until == nil { // the first answer counts all
			total.JWTs, total.Until = one.JWTs, one.Until
		}
		if !one.More {
			return total, nil
		}
	}
}

// String is how many of each.
func (e endedTokens) String() string {
	return fmt.Sprintf("%s, %s and %s", countOf(int(e.Access), "access token"), countOf(int(e.Refresh), "refresh token"), countOf(int(e.Codes), "code"))
}

// momentOf reads a moment: a time, a day (UTC), or how long ago.
func momentOf(text string, now time.Time) (time.Time, error) {
	for _, form := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(form, text); err == nil {
			return at.UTC(), nil
		}
	}
	if ago, err := time.ParseDuration(strings.TrimPrefix(text, "-")); err == nil {
		return now.UTC().Add(-ago), nil
	}
	return time.Time{}, fmt.Errorf("wants a time as in 2026-11-27T06:00:00Z, a day, or how long ago as in 2h (got %q)", text)
}
