package cli

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/spf13/cobra"
)

// explainedClient is what a client may do, and what would become of what was asked about.
type explainedClient struct {
	ID       string   `json:"client_id"`
	Name     string   `json:"client_name"`
	May      []string `json:"may"`
	Verdicts []struct {
		Of       string `json:"of"`
		Value    string `json:"value"`
		Accepted bool   `json:"accepted"`
		Why      string `json:"why"`
		Cure     string `json:"cure"`
	} `json:"verdicts"`
}

func (a *app) clientExplain() *cobra.Command {
	asked := map[string]*[]string{}
	cmd := &cobra.Command{
		Use:   "explain ID",
		Short: "Say what a client may do, and why something would be refused",
		Long: `Say in plain words what an OAuth2 client may do; and of each redirect URI, origin, scope, audience or
grant type that is named whether it would be taken, why not, and which command cures it. The answer is
that of the functions which the endpoints ask.

Ends with exit code 1 where something would be refused.`,
		Example: "  identityd client explain shop\n  identityd client explain shop --redirect-uri https://shop.example.com/callback/\n" +
			"  identityd client explain shop --origin https://www.example.com --scope openid,orders.read --json",
		Args: exactArgs(cobra.ExactArgs(1)),

		ValidArgsFunction: a.completeIDs(clientIDs),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		query := url.Values{}
		for parameter, list := range asked {
			for _, one := range *list {
				if parameter == "scope" { // as a request has them, with spaces between
					query[parameter] = append(query[parameter], strings.Fields(one)...)
					continue
				}
				query.Add(parameter, one)
			}
		}
		d, err := a.reach(cmd)
		if err != nil {
			return err
		}
		defer d.Close()
		var said explainedClient
		path := "/admin/identityd/clients/" + url.PathEscape(args[0]) + "/explain?" + query.Encode()
		if err := d.Hydra().Call(cmd.Context(), http.MethodGet, path, nil, &said); err != nil {
			return clientError("explaining", args[0], err)
		}
		if err := a.show(*asJSON, said, func(out io.Writer) { printExplained(out, said) }); err != nil {
			return err
		}
		return said.refusals()
	}
	a.flags.register(cmd)
	a.access.register(cmd, engineHydra)
	f := cmd.Flags()
	asked["redirect_uri"] = f.StringArray("redirect-uri", nil, "whether a sign-in may end at this `URL`; repeatable")
	asked["origin"] = f.StringArray("origin", nil, "whether scripts of this `origin` may call the token endpoint and its like; repeatable")
	asked["scope"] = f.StringSlice("scope", nil, "whether it may ask for these `scopes`; repeatable")
	asked["audience"] = f.StringArray("audience", nil, "whether it may ask for tokens for this `audience`; repeatable")
	asked["grant_type"] = f.StringArray("grant-type", nil, "whether it may use this `grant`; repeatable")
	return cmd
}

// refusals is an error where something would be refused. That PKCE is needed is no refusal of what was asked.
func (e explainedClient) refusals() error {
	asked, refused := 0, 0
	for _, v := range e.Verdicts {
		if v.Of == "pkce" {
			continue
		}
		asked++
		if !v.Accepted {
			refused++
		}
	}
	if refused == 0 {
		return nil
	}
	return fmt.Errorf("explaining client %s: %d of %d would be refused", e.ID, refused, asked)
}

func printExplained(out io.Writer, said explainedClient) {
	if len(said.Verdicts) == 0 {
		fmt.Fprintf(out, "client %s (%s):\n", printable(said.ID), orDash(said.Name))
		for _, line := range said.May {
			fmt.Fprintf(out, "  %s\n", printable(line))
		}
		return
	}
	for _, v := range said.Verdicts {
		word := map[bool]string{true: "accepted", false: "REFUSED"}[v.Accepted]
		if v.Of == "pkce" && !v.Accepted {
			word = "needed"
		}
		fmt.Fprintf(out, "%s %s: %s\n  %s\n", v.Of, printable(v.Value), word, printable(v.Why))
		if v.Cure != "" {
			fmt.Fprintf(out, "  cure: %s\n", printable(v.Cure))
		}
	}
}
