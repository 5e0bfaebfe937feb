package cli

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

// factorListed is a second factor or a passkey of somebody.
type factorListed struct {
	Kind  string `json:"kind"`
	Key   string `json:"key,omitempty"`
	Name  string `json:"name,omitempty"`
	First bool   `json:"first"`
	Left  *int   `json:"codes_left,omitempty"`
	Added string `json:"added_at"`
}

func pathFactors(id string) string { return "/admin/identityd/identities/" + id + "/factors" }

func (a *app) identityFactors() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "factors ID|IDENTIFIER",
		Short: "List somebody's second factors and passkeys",
		Long: `List what somebody proves themselves with besides a password: authenticator app (totp), recovery codes
(lookup_secret), security keys (webauthn) and passkeys, with names and when each was added. Nothing that is
secret is shown. FIRST says that it signs in by itself.`,
		Example: "  identityd identity factors anna@example.com\n  identityd identity factors 9f425a8d-7efc-4768-8f23-7647a74fdf13 --json",
		Args:    exactArgs(cobra.ExactArgs(1)),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		d, err := a.reach(cmd)
		if err != nil {
			return err
		}
		defer d.Close()
		p, _, err := findPerson(cmd.Context(), d, args[0])
		if err != nil {
			return err
		}
		var answer struct {
			Identity string         `json:"identity"`
			Factors  []factorListed `json:"factors"`
		}
		if err := d.Kratos().Call(cmd.Context(), http.MethodGet, pathFactors(p.ID), nil, &answer); err != nil {
			return fmt.Errorf("listing factors: %w", err)
		}
		return a.show(*asJSON, answer, func(out io.Writer) { printFactors(out, answer.Factors) })
	}
	a.flags.register(cmd)
	a.access.register(cmd, engineKratos)
	return cmd
}

func printFactors(out io.Writer, list []factorListed) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "KIND\tKEY\tNAME\tFIRST\tADDED")
	for _, f := range list {
		name := printable(f.Name)
		if f.Left != nil {
			name = strconv.Itoa(*f.Left) + " left"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", f.Kind, orDash(shortKey(f.Key)), orDash(name), map[bool]string{true: "yes", false: "no"}[f.First], f.Added)
	}
	w.Flush() //nolint:errcheck // as for any print
}

// shortKey is as much of a key as tells it from others, as a rule.
func shortKey(key string) string { return key[:min(len(key), 16)] }

func (a *app) identityResetFactor() *cobra.Command {
	var (
		key        string
		force, yes bool
	)
	kinds := []string{"totp", "lookup_secret", "webauthn", "passkey", "all"}
	cmd := &cobra.Command{
		Use:   "reset-factor ID|IDENTIFIER " + strings.Join(kinds, "|"),
		Short: "Remove a second factor or passkey that somebody lost",
		Long: `Remove an authenticator app (totp), recovery codes (lookup_secret), security keys (webauthn), passkeys or all
of these, or with --key one of several keys. It is on the audit trail, the person is told by mail, and all of
their sessions, consents and tokens end: whoever has the lost one is out.

What somebody signs in with and has nothing else for is removed with --force alone; they come back in by
recovery then.`,
		Example: `  identityd identity reset-factor anna@example.com totp
  identityd identity reset-factor anna@example.com passkey --key 5f2c9a --yes
  identityd identity reset-factor anna@example.com all --force --yes --json`,
		Args:      exactArgs(cobra.ExactArgs(2)),
		ValidArgs: kinds,
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !slices.Contains(kinds, args[1]) {
			return &usageError{fmt.Errorf("the second argument wants %s (got %q)", strings.Join(kinds, ", "), args[1])}
		}
		if key != "" && args[1] != "webauthn" && args[1] != "passkey" {
			return &usageError{errors.New("--key is of security keys and passkeys; there is one of each other kind at most")}
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
		what := args[1]
		if what == "all" {
			what = "all second factors and passkeys"
		}
		if err := a.confirm(cmd, yes, "remove "+what+" of "+printable(p.identifier())+" and end their access everywhere"); err != nil {
			return err
		}
		var answer struct {
			Identity string         `json:"identity"`
			Removed  []factorListed `json:"removed"`
			Told     bool           `json:"told"`
		}
		body := map[string]any{"kind": args[1], "key": key, "force": force}
		if err := d.Kratos().Call(cmd.Context(), http.MethodPost, pathFactors(p.ID)+"/reset", body, &answer); err != nil {
			return fmt.Errorf("removing factors of %s: %w", args[0], err)
		}
		return a.show(*asJSON, answer, func(out io.Writer) {
			printFactors(out, answer.Removed)
			told := "and the person is told by mail"
			if !answer.Told {
				told = "and nobody is told: there is no address, or no way to send mail (mail.smtp_url)"
			}
			fmt.Fprintf(out, "removed from %s, %s\n", printable(p.identifier()), told)
		})
	}
	a.flags.register(cmd)
	a.access.register(cmd, engineKratos)
	cmd.Flags().StringVar(&key, "key", "", "one of several, by the beginning of its `key`")
	cmd.Flags().BoolVar(&force, "force", false, "also what the person signs in with and has nothing else for")
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}
