package cli

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/declare"
)

func (a *app) clientCreate() *cobra.Command {
	var (
		v  clientValues
		k  kindValues
		id string
	)
	cmd := &cobra.Command{
		Use:   "create [--kind KIND NAME [URL...]]",
		Short: "Create an OAuth2 client",
		Long: `Create an OAuth2 client. With --kind it says what is known of that sort of application (grants, PKCE,
authentication, redirect rules, CORS) and prints code that signs people in, with the client in it. URLs
are where sign-ins end; of an origin alone the rest is what the library of the code listens on.

  web      runs on a server, which keeps a secret
  spa      runs in a browser; its pages may call the token endpoint
  native   runs on a phone or a desktop: a scheme of its own, or any port of loopback
  machine  asks for tokens for itself; nobody signs in
  mcp      speaks the Model Context Protocol

Without --kind the flags are those of Hydra's own command line, and unless named it is a client of the
authorization code grant with a secret. A secret is made, and shown this once.

Clients that belong to a deployment are better kept under clients: in stack.yaml, with the same kinds.`,
		Example: `  identityd client create --kind spa Shop http://localhost:5173 --out shop
  identityd client create --kind web Shop https://shop.example.com --snippet authjs
  identityd client create --kind native Notes com.example.notes:/oauth2redirect
  identityd client create --kind machine Nightly --scope jobs.run --audience https://api.example.com --json
  identityd client create --id shop --name Shop --grant-type authorization_code,refresh_token --redirect-uri https://shop.example.com/callback --scope openid,offline_access
  identityd client create --name Jobs --grant-type client_credentials --scope jobs.run --json
  identityd client create --file client.json`,
		Args: k.args,
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		fields, err := v.fields(a, cmd)
		if err != nil {
			return err
		}
		fields = narrowing(cmd, fields)
		if k.kind != "" && v.file != "" {
			return &usageError{errors.New("--file is the whole client, and --kind fills one in: name one of them")}
		}
		if k.kind != "" {
			return a.createOfKind(cmd, k, id, fields, args, *asJSON)
		}
		if v.file == "" {
			defaults := map[string]any{
				"grant_types": []string{"authorization_code"}, "token_endpoint_auth_method": "client_secret_basic",
			}
			if grants, ok := fields["grant_types"].([]string); !ok || slices.Contains(grants, "authorization_code") {
				defaults["response_types"] = []string{"code"}
			}
			maps.Copy(defaults, fields)
			fields = defaults
		}
		if id != "" {
			fields["client_id"] = id
		}
		d, err := a.reach(cmd)
		if err != nil {
			return err
		}
		defer d.Close()
		var raw json.RawMessage
		if err := d.Hydra().Call(cmd.Context(), http.MethodPost, "/admin/clients", fields, &raw); err != nil {
			if isStatus(err, http.StatusConflict) {
				return fmt.Errorf("creating client %s: there is one of this id; identityd client update changes it", id)
			}
			return fmt.Errorf("creating a client: %w", err)
		}
		return a.showMade(*asJSON, raw, "created")
	}
	a.flags.register(cmd)
	a.access.register(cmd, engineHydra)
	v.register(cmd)
	k.register(cmd)
	cmd.Flags().StringVar(&id, "id", "", "its `id`, what applications send as client_id (one is made)")
	return cmd
}

// showMade shows a client with its secret, which nobody can read again.
func (a *app) showMade(asJSON bool, raw json.RawMessage, done string) error {
	var c oauthClient
	if err := json.Unmarshal(raw, &c); err != nil {
		return fmt.Errorf("reading the client: %w", err)
	}
	raw, err := tidyClient(raw)
	if err != nil {
		return err
	}
	return a.show(asJSON, raw, func(out io.Writer) {
		fmt.Fprintf(out, "client %s %s\n", printable(c.ID), done)
		if c.Secret != "" {
			fmt.Fprintf(out, "secret, not shown again: %s\n", c.Secret)
		}
	})
}

func (a *app) clientUpdate() *cobra.Command {
	var (
		v          clientValues
		fresh, all bool
	)
	cmd := &cobra.Command{
		Use:   "update ID",
		Short: "Change what is named of an OAuth2 client",
		Long: `Change what is named and leave the rest as it is (PATCH); a list that is named takes the place of the old
one. With --file the whole client is replaced (PUT), as Hydra's own update does, but for its secret where
the file has none. What was issued goes on working; a new secret ends the old one at once.`,
		Example: "  identityd client update shop --redirect-uri https://shop.example.com/callback,https://shop.example.com/app\n" +
			"  identityd client update shop --new-secret --json\n  identityd client update shop --file client.json",
		Args: exactArgs(cobra.ExactArgs(1)),

		ValidArgsFunction: a.completeIDs(clientIDs),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		fields, err := v.fields(a, cmd)
		if err != nil {
			return err
		}
		if fresh {
			if _, two := fields["client_secret"]; two || v.file != "" {
				return &usageError{errors.New("--new-secret makes a secret, and another one was named")}
			}
			fields["client_secret"] = rand.Text()
		}
		if len(fields) == 0 && !cmd.Flags().Changed("claim") {
			return &usageError{errors.New("name what to change, as in --name Shop")}
		}
		d, err := a.reach(cmd)
		if err != nil {
			return err
		}
		defer d.Close()
		if err := a.ownClient(cmd, d, args[0], "change", all); err != nil {
			return err
		}
		if v.file == "" {
			if fields, err = staysNarrow(cmd, d, args[0], fields); err != nil {
				return err
			}
		}
		var raw json.RawMessage
		path := "/admin/clients/" + url.PathEscape(args[0])
		if v.file != "" {
			err = d.Hydra().Call(cmd.Context(), http.MethodPut, path, fields, &raw)
		} else {
			err = d.Hydra().Call(cmd.Context(), http.MethodPatch, path, patchOf(fields), &raw)
		}
		if err != nil {
			return clientError("changing", args[0], err)
		}
		if fresh { // Hydra answers a patch with the hash, or with nothing
			if raw, err = withSecret(raw, fields["client_secret"]); err != nil {
				return err
			}
		} else if raw, err = withSecret(raw, nil); err != nil {
			return err
		}
		return a.showMade(*asJSON, raw, "changed")
	}
	a.flags.register(cmd)
	a.access.register(cmd, engineHydra)
	v.register(cmd)
	cmd.Flags().BoolVar(&fresh, "new-secret", false, "make a new secret, and show it this once")
	cmd.Flags().BoolVar(&all, "force", false, "change it though a file declares it")
	return cmd
}

// patchOf replaces fields (RFC 6902; add takes the place of what is there).
func patchOf(fields map[string]any) []map[string]any {
	out := []map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		out = append(out, map[string]any{"op": "add", "path": "/" + name, "value": fields[name]})
	}
	return out
}

// withSecret puts a secret into a client, or takes out what stands for one.
func withSecret(raw json.RawMessage, secret any) (json.RawMessage, error) {
	var all map[string]any
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, fmt.Errorf("reading the client: %w", err)
	}
	delete(all, "client_secret")
	if secret != nil {
		all["client_secret"] = secret
	}
	return json.Marshal(all)
}

// ownClient refuses a client that is the file's.
func (a *app) ownClient(cmd *cobra.Command, d *admin, id, doing string, force bool) error {
	c, _, err := getClient(cmd, d, id)
	owner := declare.Owner(c.Metadata)
	if err != nil || owner == "" || force {
		return err
	}
	return fmt.Errorf("client %s belongs to %s (clients[].id: %s): %s it there, or with --force here, "+
		"where it is drift that identityd apply takes back", id, owner, id, doing)
}

func (a *app) clientDelete() *cobra.Command {
	var yes, force bool
	cmd := &cobra.Command{
		Use:   "delete ID...",
		Short: "Delete OAuth2 clients, and what was issued to them",
		Long: `Delete OAuth2 clients, with their tokens and what people granted them. Access tokens that are JWTs stay
good until they expire for whoever checks them without asking.`,
		Example: "  identityd client delete shop\n  identityd client delete shop jobs --yes",
		Args:    exactArgs(cobra.MinimumNArgs(1)),

		ValidArgsFunction: a.completeIDs(clientIDs),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		d, err := a.reach(cmd)
		if err != nil {
			return err
		}
		defer d.Close()
		for _, id := range args { // all or none, as far as that can be told
			if err := a.ownClient(cmd, d, id, "remove", force); err != nil {
				return err
			}
		}
		if err := a.confirm(cmd, yes, "delete "+countOf(len(args), "client")+" and all tokens that were issued to it"); err != nil {
			return err
		}
		deleted := []string{}
		for _, id := range args {
			if err := d.Hydra().Call(cmd.Context(), http.MethodDelete, "/admin/clients/"+url.PathEscape(id), nil, nil); err != nil {
				return clientError("deleting", id, err)
			}
			deleted = append(deleted, id)
		}
		return a.show(*asJSON, map[string]any{"deleted": deleted}, func(out io.Writer) {
			for _, id := range deleted {
				fmt.Fprintf(out, "client %s deleted\n", printable(id))
			}
		})
	}
	a.flags.register(cmd)
	a.access.register(cmd, engineHydra)
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	cmd.Flags().BoolVar(&force, "force", false, "delete it though a file declares it: the next start makes it again")
	return cmd
}

func countOf(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
