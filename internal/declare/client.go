package declare

import (
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
)

// Client is an OAuth2 client as the file declares it. Empty fields are left to the server's defaults.
// The order of lists means nothing.
//
// The JSON names are part of the digest of every client: changing one, or adding a field without
// omitempty, would make the next start write every client again.
type Client struct {
	// ID is what applications send as client_id.
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
	// Secret is empty for clients without one. It never leaves this struct but to the server.
	Secret                 string   `json:"-"`
	RedirectURIs           []string `json:"redirect_uris,omitempty"`
	PostLogoutRedirectURIs []string `json:"post_logout_redirect_uris,omitempty"`
	// Origins may call the token endpoint from a browser.
	Origins       []string `json:"origins,omitempty"`
	GrantTypes    []string `json:"grant_types,omitempty"`
	ResponseTypes []string `json:"response_types,omitempty"`
	Scopes        []string `json:"scopes,omitempty"`
	Audience      []string `json:"audience,omitempty"`
	// AuthMethod is client_secret_basic (also when empty), client_secret_post, private_key_jwt or none.
	AuthMethod string `json:"auth_method,omitempty"`
	// JWKSURI is where the keys of private_key_jwt are.
	JWKSURI string `json:"jwks_uri,omitempty"`
	// AccessTokens is jwt or opaque; empty is as the server does by default.
	AccessTokens string `json:"access_tokens,omitempty"`
	// SkipConsent and SkipLogoutConsent are for our own applications: nobody is asked.
	SkipConsent       bool `json:"skip_consent,omitempty"`
	SkipLogoutConsent bool `json:"skip_logout_consent,omitempty"`
	// The logout addresses are always told whose session ended (iss and sid).
	FrontchannelLogoutURI string   `json:"frontchannel_logout_uri,omitempty"`
	BackchannelLogoutURI  string   `json:"backchannel_logout_uri,omitempty"`
	URI                   string   `json:"uri,omitempty"`
	LogoURI               string   `json:"logo_uri,omitempty"`
	PolicyURI             string   `json:"policy_uri,omitempty"`
	TermsURI              string   `json:"terms_uri,omitempty"`
	Contacts              []string `json:"contacts,omitempty"`
	// Claims are the only ones that it may get of a person; none means all that its scopes reveal.
	Claims []string `json:"claims,omitempty"`
}

// Format prints the id and nothing else, whatever the verb.
func (c Client) Format(f fmt.State, _ rune) { io.WriteString(f, c.ID) } //nolint:errcheck // fmt has no use for it

// LogValue hands the id to a log, and nothing else.
func (c Client) LogValue() slog.Value { return slog.StringValue(c.ID) }

// check returns what makes a client impossible. The server judges the rest.
func (c Client) check() error {
	switch {
	case c.ID == "":
		return fmt.Errorf("an OAuth2 client has no id; every client needs one")
	case len(c.ID) > longestID || !plain(c.ID):
		// It is a segment of a path, and half of what HTTP's basic authentication joins by a colon.
		return fmt.Errorf("OAuth2 client %q: the id must be 1 to %d letters, digits or . _ - ~ @, "+
			"and begin with a letter or digit", shorten(c.ID), longestID)
	}
	secret := c.AuthMethod == "" || strings.HasPrefix(c.AuthMethod, "client_secret_")
	switch {
	case secret && c.Secret == "":
		// Without one the server makes a secret up that nobody ever learns.
		return fmt.Errorf("OAuth2 client %q: it authenticates by a secret and has none; give it one, "+
			"or the authentication method none", c.ID)
	case !secret && c.Secret != "":
		return fmt.Errorf("OAuth2 client %q: it has a secret that the authentication method %s does not use; "+
			"remove the secret, or choose client_secret_basic", c.ID, c.AuthMethod)
	}
	return nil
}

const longestID = 128

func plain(id string) bool {
	const alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	return strings.Trim(id, alphanumeric+"._-~@") == "" && strings.ContainsRune(alphanumeric, rune(id[0]))
}

func shorten(id string) string { return id[:min(len(id), longestID)] }

// canonical returns the client with its lists in one order.
func (c Client) canonical() Client {
	for _, list := range []*[]string{
		&c.RedirectURIs, &c.PostLogoutRedirectURIs, &c.Origins, &c.GrantTypes, &c.ResponseTypes, &c.Scopes,
		&c.Audience, &c.Contacts, &c.Claims,
	} {
		*list = slices.Sorted(slices.Values(*list))
	}
	return c
}
