package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/declare"
)

// oauthClient is what the commands know of an OAuth2 client. All of it, as Hydra has it, is what --json shows.
type oauthClient struct {
	ID            string          `json:"client_id"`
	Name          string          `json:"client_name"`
	Secret        string          `json:"client_secret"`
	GrantTypes    []string        `json:"grant_types"`
	ResponseTypes []string        `json:"response_types"`
	Scope         string          `json:"scope"`
	Audience      []string        `json:"audience"`
	RedirectURIs  []string        `json:"redirect_uris"`
	PostLogout    []string        `json:"post_logout_redirect_uris"`
	AuthMethod    string          `json:"token_endpoint_auth_method"`
	Strategy      string          `json:"access_token_strategy"`
	SkipConsent   bool            `json:"skip_consent"`
	Made          string          `json:"created_at"`
	Changed       string          `json:"updated_at"`
	Metadata      json.RawMessage `json:"metadata"`
}

func (a *app) client() *cobra.Command {
	return group("client", "Look after OAuth2 clients", `OAuth2 clients are the applications that people sign in to. These commands go through the control socket of
the identityd that serves from this data_dir, through the databases where none serves, or with --endpoint
to the admin API of Hydra elsewhere. Flags are called as in Hydra's own command line.

Clients under clients: in stack.yaml are the file's: change them there.`,
		a.clientList(), a.clientGet(), a.clientCreate(), a.clientUpdate(), a.clientDelete(), a.clientRotateSecret(), a.clientExplain(), a.clientVerify())
}

func (a *app) clientList() *cobra.Command {
	var (
		p     paging
		query = url.Values{}
		name  string
		owner string
	)
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List OAuth2 clients",
		Example: "  identityd client list\n  identityd client list --all --json\n  identityd client list --endpoint http://localhost:4445 --token-file token",
		Args:    exactArgs(cobra.NoArgs),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		for key, value := range map[string]string{"client_name": name, "owner": owner} {
			if value != "" {
				query.Set(key, value)
			}
		}
		d, err := a.reach(cmd)
		if err != nil {
			return err
		}
		defer d.Close()
		clients := []json.RawMessage{}
		next, err := p.list(cmd.Context(), d.Hydra(), "/admin/clients", query, func(raw json.RawMessage) error {
			c, err := tidyClient(raw)
			clients = append(clients, c)
			return err
		})
		if err != nil {
			return fmt.Errorf("listing clients: %w", err)
		}
		return a.showPage(*asJSON, "clients", clients, next, func(out io.Writer) { printClients(out, clients) })
	}
	a.flags.register(cmd)
	a.access.register(cmd, engineHydra)
	p.register(cmd)
	cmd.Flags().StringVar(&name, "name", "", "only those of this `name`")
	cmd.Flags().StringVar(&owner, "owner", "", "only those of this `owner`, as --owner of create wrote it")
	return cmd
}

func printClients(out io.Writer, list []json.RawMessage) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "CLIENT ID\tNAME\tGRANT TYPES\tSCOPE\tREDIRECT URIS\tOF")
	for _, raw := range list {
		var c oauthClient
		if json.Unmarshal(raw, &c) != nil {
			continue
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", c.ID, orDash(c.Name), orDash(strings.Join(c.GrantTypes, ",")),
			orDash(c.Scope), orDash(strings.Join(c.RedirectURIs, ",")), orDash(declare.Owner(c.Metadata)))
	}
	w.Flush() //nolint:errcheck // as for any print
}

func orDash(s string) string { return cmp.Or(printable(s), "-") }

func (a *app) clientGet() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "get ID",
		Short:   "Show one OAuth2 client",
		Example: "  identityd client get shop\n  identityd client get shop --json",
		Args:    exactArgs(cobra.ExactArgs(1)),

		ValidArgsFunction: a.completeIDs(clientIDs),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		d, err := a.reach(cmd)
		if err != nil {
			return err
		}
		defer d.Close()
		c, raw, err := getClient(cmd, d, args[0])
		if err != nil {
			return err
		}
		was, err := secondOf(cmd, d, args[0])
		if err != nil {
			return clientError("reading", args[0], err)
		}
		if was.Until != nil {
			if raw, err = withField(raw, "previous_secret", was); err != nil {
				return err
			}
		}
		return a.show(*asJSON, raw, func(out io.Writer) { printClient(out, c, was) })
	}
	a.flags.register(cmd)
	a.access.register(cmd, engineHydra)
	return cmd
}

// getClient reads one client, in the words of the commands and as Hydra has it.
func getClient(cmd *cobra.Command, d *admin, id string) (oauthClient, json.RawMessage, error) {
	var raw json.RawMessage
	err := d.Hydra().Call(cmd.Context(), http.MethodGet, "/admin/clients/"+url.PathEscape(id), nil, &raw)
	if err != nil {
		return oauthClient{}, nil, clientError("reading", id, err)
	}
	var c oauthClient
	if err := json.Unmarshal(raw, &c); err != nil {
		return oauthClient{}, nil, fmt.Errorf("reading client %s: %w", id, err)
	}
	raw, err = tidyClient(raw)
	return c, raw, err
}

// clientError says what to do about a client that is not there.
func clientError(doing, id string, err error) error {
	if isStatus(err, http.StatusNotFound) {
		return fmt.Errorf("%s client %s: there is no client of this id; identityd client list shows those there are", doing, id)
	}
	return fmt.Errorf("%s client %s: %w", doing, id, err)
}

func printClient(out io.Writer, c oauthClient, was secondSecret) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(name string, values ...string) {
		fmt.Fprintf(w, "%s\t%s\n", name, orDash(strings.Join(values, "\n\t")))
	}
	line("CLIENT ID", c.ID)
	line("NAME", c.Name)
	line("GRANT TYPES", strings.Join(c.GrantTypes, ", "))
	line("RESPONSE TYPES", strings.Join(c.ResponseTypes, ", "))
	line("SCOPE", c.Scope)
	line("CLAIMS", onlyClaims(c.Metadata))
	line("AUDIENCE", strings.Join(c.Audience, ", "))
	line("REDIRECT URIS", strings.Join(c.RedirectURIs, ", "))
	line("POST-LOGOUT REDIRECT URIS", strings.Join(c.PostLogout, ", "))
	line("AUTHENTICATES BY", c.AuthMethod)
	if was.Until != nil {
		line("SECRET OF BEFORE", was.text())
	}
	line("ACCESS TOKENS", c.Strategy)
	line("SKIPS CONSENT", map[bool]string{true: "yes", false: "no"}[c.SkipConsent])
	line("MADE", c.Made)
	line("CHANGED", c.Changed)
	line("OF", declare.Owner(c.Metadata))
	w.Flush() //nolint:errcheck // as for any print
}

// withField puts something that Hydra does not know beside what it says of a client.
func withField(raw json.RawMessage, name string, value any) (json.RawMessage, error) {
	var all map[string]any
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, fmt.Errorf("reading a client: %w", err)
	}
	all[name] = value
	return json.Marshal(all)
}

// tidyClient is a client as the commands show it: without what nobody asked for, such as the token that
// changes it without us, and with lists that are lists.
func tidyClient(raw json.RawMessage) (json.RawMessage, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, fmt.Errorf("reading a client: %w", err)
	}
	delete(all, "registration_access_token")
	delete(all, "registration_client_uri")
	for _, each := range clientLists() {
		if string(all[each.field]) == "null" {
			all[each.field] = json.RawMessage("[]")
		}
	}
	return json.Marshal(all)
}
