package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
)

func (a *app) token() *cobra.Command {
	return group("token", "Look at tokens, and end them", `Access and refresh tokens of OAuth2. A token that is an argument can be read by others on this machine, in
the list of processes: leave it out, and it is read from the standard input.`,
		a.tokenIntrospect(), a.tokenRevoke(), a.tokenDelete())
}

func (a *app) tokenIntrospect() *cobra.Command {
	var scope []string
	cmd := &cobra.Command{
		Use:     "introspect [TOKEN]",
		Short:   "Say what an access or refresh token is good for",
		Long:    "Ask Hydra about a token (RFC 7662). Without an argument the token is read from the standard input.",
		Example: "  identityd token introspect < token\n  identityd token introspect --scope orders.read --json < token",
		Args:    exactArgs(cobra.MaximumNArgs(1)),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		token, err := a.tokenOf(cmd, args)
		if err != nil {
			return err
		}
		d, err := a.reach(cmd)
		if err != nil {
			return err
		}
		defer d.Close()
		form := url.Values{"token": {token}}
		if len(scope) > 0 {
			form.Set("scope", strings.Join(scope, " "))
		}
		var raw map[string]any
		if err := d.Hydra().Call(cmd.Context(), http.MethodPost, "/admin/oauth2/introspect", form, &raw); err != nil {
			return fmt.Errorf("asking about the token: %w", err)
		}
		return a.show(*asJSON, raw, func(out io.Writer) { printIntrospection(out, raw) })
	}
	a.flags.register(cmd)
	a.access.register(cmd, engineHydra)
	cmd.Flags().StringSliceVar(&scope, "scope", nil, "is it good for these `scopes` as well; repeatable")
	return cmd
}

// tokenOf takes a token from the arguments, with a warning, or from the standard input.
func (a *app) tokenOf(cmd *cobra.Command, args []string) (string, error) {
	if len(args) == 1 && args[0] != "-" {
		fmt.Fprintln(a.stderr, "warning: others on this machine can read the token among the arguments; leave it out, and give it on the standard input")
		return args[0], nil
	}
	raw, err := io.ReadAll(io.LimitReader(cmd.InOrStdin(), maxInput))
	token := strings.TrimSpace(string(raw))
	if err != nil || token == "" || strings.ContainsAny(token, " \t\r\n") {
		return "", &usageError{errors.New("give one token, on the standard input or as an argument")}
	}
	return token, nil
}

func printIntrospection(out io.Writer, got map[string]any) {
	if got["active"] != true {
		fmt.Fprintln(out, "the token is not good: it is unknown, expired or revoked, or has not the scope")
		return
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, name := range slices.Sorted(maps.Keys(got)) {
		var text string
		switch value := got[name].(type) {
		case string:
			text = value
		case float64:
			if slices.Contains([]string{"exp", "iat", "nbf"}, name) {
				text = time.Unix(int64(value), 0).UTC().Format(time.RFC3339)
				break
			}
			text = fmt.Sprint(value)
		case nil:
			continue
		default:
			raw, err := json.Marshal(value)
			if err != nil {
				continue
			}
			text = string(raw)
		}
		fmt.Fprintf(w, "%s\t%s\n", strings.ToUpper(strings.ReplaceAll(name, "_", " ")), orDash(text))
	}
	w.Flush() //nolint:errcheck // as for any print
}
