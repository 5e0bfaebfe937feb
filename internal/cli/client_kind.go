package cli

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/snippet"
)

// kindValues are the flags of a client that is made by what it is.
type kindValues struct{ kind, snippet, out string }

func (k *kindValues) register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&k.kind, "kind", "", "what sort of `application` it is: "+strings.Join(config.ClientKinds(), ", ")+"; NAME and its redirect URLs follow")
	f.StringVar(&k.snippet, "snippet", "", "the `library` of the code that is printed (with --kind): "+strings.Join(snippet.Names(), ", "))
	f.StringVar(&k.out, "out", "", "write that code into this `folder` instead; files that are there stay, and end it")
	values(cmd, "kind", config.ClientKinds()...)
	values(cmd, "snippet", snippet.Names()...)
}

// args are those of create: without a kind there are none.
func (k *kindValues) args(cmd *cobra.Command, args []string) error {
	switch {
	case k.kind == "" && (len(args) > 0 || k.snippet != "" || k.out != ""):
		return &usageError{errors.New("a name, redirect URLs, --snippet and --out go with --kind, as in --kind spa Shop https://shop.example.com")}
	case k.kind == "":
		return nil
	case !slices.Contains(config.ClientKinds(), k.kind):
		return &usageError{fmt.Errorf("--kind: must be one of %s (got %q)", strings.Join(config.ClientKinds(), ", "), k.kind)}
	case len(args) == 0 && !cmd.Flags().Changed("name"):
		return &usageError{fmt.Errorf("say what the application is called, as in --kind %s Shop", k.kind)}
	case len(args) > 0 && cmd.Flags().Changed("name"):
		return &usageError{errors.New("--name and the first argument are two ways to say the same")}
	case strings.Contains(cmp.Or(append(slices.Clone(args), "")...), "://"):
		return &usageError{fmt.Errorf("the name of the application comes first, as in --kind %s Shop %s", k.kind, args[0])}
	}
	return nil
}

// provider is what an application has to be told.
type provider struct {
	Issuer        string `json:"issuer"`
	Discovery     string `json:"discovery"`
	Metadata      string `json:"oauth_metadata"`
	Authorization string `json:"authorization_endpoint"`
	Token         string `json:"token_endpoint"`
	Userinfo      string `json:"userinfo_endpoint"`
	Revocation    string `json:"revocation_endpoint"`
	EndSession    string `json:"end_session_endpoint"`
	Keys          string `json:"jwks_uri"`
}

// drafted is a client before it is made.
type drafted struct {
	config.Client

	fields map[string]any
	// said is what was chosen for the person.
	said []string
}

// draft fills in what a kind says, in the same words as the file does.
func (k *kindValues) draft(id string, fields map[string]any, args []string) (drafted, error) {
	c := config.Client{ID: cmp.Or(id, "new"), Kind: config.ClientKind(k.kind), RedirectURIs: listField(fields, "redirect_uris")}
	if len(args) > 0 {
		fields["client_name"] = args[0]
		c.RedirectURIs = append(slices.Clone(args[1:]), c.RedirectURIs...)
	}
	out := drafted{fields: map[string]any{}}
	if k.kind != string(config.ClientMachine) {
		k.complete(&c, &out)
	}
	if name := cmp.Or(k.snippet, snippet.Usual(k.kind, c.RedirectURIs)); k.snippet == "" {
		k.snippet = name
	}
	c.GrantTypes, c.ResponseTypes = listField(fields, "grant_types"), listField(fields, "response_types")
	c.Audience, c.Origins = listField(fields, "audience"), listField(fields, "allowed_cors_origins")
	c.PostLogoutRedirectURIs = listField(fields, "post_logout_redirect_uris")
	if scope, named := fields["scope"].(string); named {
		c.Scope = strings.Fields(scope)
	}
	method, _ := fields["token_endpoint_auth_method"].(string)
	if method != "private_key_jwt" { // which files do not have
		c.TokenEndpointAuthMethod = config.ClientAuth(method)
	}
	secret, _ := fields["client_secret"].(string)
	if secret == "" && (k.kind == string(config.ClientWeb) || k.kind == string(config.ClientMachine)) {
		secret = rand.Text()
	}
	c.Secret = config.NewSecret(secret)
	var problems []config.Problem
	if out.Client, problems = config.Draft(c, config.Development); len(problems) > 0 {
		lines := make([]string, len(problems))
		for i, p := range problems {
			lines[i] = strings.TrimPrefix(p.String(), "client.")
		}
		return out, &usageError{errors.New(strings.Join(lines, "\n"))}
	}
	out.body(secret)
	maps.Copy(out.fields, fields)
	out.fields["redirect_uris"] = out.RedirectURIs
	if method == "private_key_jwt" {
		delete(out.fields, "client_secret")
	}
	if id != "" {
		out.fields["client_id"] = id
	}
	return out, nil
}

// complete adds the path that a library listens on where none is named, and an address where none is.
func (k *kindValues) complete(c *config.Client, out *drafted) {
	name := cmp.Or(k.snippet, snippet.For(k.kind)[0])
	if home := snippet.Home(name); len(c.RedirectURIs) == 0 && home != "" && (k.kind == string(config.ClientWeb) || k.kind == string(config.ClientSPA)) {
		c.RedirectURIs = []string{home}
		out.said = append(out.said, "No URL was named: "+home+" is for a first try on this machine.")
	}
	for i, raw := range c.RedirectURIs {
		whole := snippet.Callback(name, raw)
		if whole != raw {
			out.said = append(out.said, fmt.Sprintf("Sign-ins at %s end at %s, the path of %s; name the whole address for another.", raw, whole, name))
		}
		c.RedirectURIs[i] = whole
	}
}

// body is the draft in the words of the API.
func (d *drafted) body(secret string) {
	d.fields = map[string]any{
		"grant_types": d.GrantTypes, "response_types": d.ResponseTypes, "scope": strings.Join(d.Scope, " "),
		"audience": orNoList(d.Audience), "redirect_uris": orNoList(d.RedirectURIs), "post_logout_redirect_uris": orNoList(d.PostLogoutRedirectURIs),
		"allowed_cors_origins": orNoList(d.Origins), "token_endpoint_auth_method": string(d.TokenEndpointAuthMethod),
	}
	if d.AccessTokenStrategy != "" {
		d.fields["access_token_strategy"] = string(d.AccessTokenStrategy)
	}
	if secret != "" {
		d.fields["client_secret"] = secret
	}
}

func orNoList(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func listField(fields map[string]any, name string) []string {
	list, _ := fields[name].([]string)
	return list
}

// createOfKind makes a client by what it is, and the code that uses it.
func (a *app) createOfKind(cmd *cobra.Command, k kindValues, id string, fields map[string]any, args []string, asJSON bool) error {
	draft, err := k.draft(id, fields, args)
	if err != nil {
		return err
	}
	d, err := a.reach(cmd)
	if err != nil {
		return err
	}
	defer d.Close()
	var p provider
	if err := d.Hydra().Call(cmd.Context(), http.MethodGet, "/admin/identityd/provider", nil, &p); err != nil {
		return fmt.Errorf("asking for the addresses of the provider: %w", err)
	}
	// Before anything is made: what cannot be written down would leave a client whose secret nobody saw.
	code, err := k.code(draft, p, "00000000-0000-4000-8000-000000000000")
	if err != nil {
		return &usageError{fmt.Errorf("--snippet %s: %w", k.snippet, err)}
	}
	if err := absent(k.out, code.Files); err != nil {
		return err
	}
	var raw json.RawMessage
	if err := d.Hydra().Call(cmd.Context(), http.MethodPost, "/admin/clients", draft.fields, &raw); err != nil {
		if isStatus(err, http.StatusConflict) {
			return fmt.Errorf("creating client %s: there is one of this id; identityd client update changes it", id)
		}
		return fmt.Errorf("creating a client: %w", err)
	}
	var c oauthClient
	if err := json.Unmarshal(raw, &c); err != nil {
		return fmt.Errorf("reading the client: %w", err)
	}
	if code, err = k.code(draft, p, c.ID); err != nil {
		return fmt.Errorf("writing the code for client %s: %w", c.ID, err)
	}
	if err := a.showKind(k, draft, c, raw, p, code, asJSON); err != nil {
		return err
	}
	return writeFiles(k.out, code.Files)
}

func (k *kindValues) code(d drafted, p provider, id string) (snippet.Snippet, error) {
	name, _ := d.fields["client_name"].(string)
	secret, _ := d.fields["client_secret"].(string)
	method, _ := d.fields["token_endpoint_auth_method"].(string)
	return snippet.Make(k.snippet, snippet.Input{
		Kind: k.kind, Name: name, Issuer: p.Issuer, Token: p.Token, Authorization: p.Authorization, Metadata: p.Metadata,
		ClientID: id, Secret: secret, AuthMethod: method, Redirects: d.RedirectURIs, SignedOuts: d.PostLogoutRedirectURIs,
		Scopes: d.Scope, Audience: d.Audience,
	})
}
