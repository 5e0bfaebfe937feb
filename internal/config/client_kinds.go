package config

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// ClientKind is what sort of application a client is. It fills the defaults.
type ClientKind string

// Kinds of applications.
const (
	// ClientWeb runs on a server, which keeps a secret.
	ClientWeb ClientKind = "web"
	// ClientSPA runs in a browser, where everybody reads it.
	ClientSPA ClientKind = "spa"
	// ClientNative runs on the machine or phone of a person (RFC 8252).
	ClientNative ClientKind = "native"
	// ClientMachine asks for tokens for itself; nobody signs in.
	ClientMachine ClientKind = "machine"
	// ClientMCP speaks the Model Context Protocol, on the machine of a person or on a server that keeps no secret.
	ClientMCP ClientKind = "mcp"
)

func (ClientKind) words() []string {
	return []string{string(ClientWeb), string(ClientSPA), string(ClientNative), string(ClientMachine), string(ClientMCP)}
}

// ClientKinds are all of them.
func ClientKinds() []string { return ClientKind("").words() }

// public kinds can keep no secret: whoever has the application has it too.
func (k ClientKind) public() bool { return k == ClientSPA || k == ClientNative || k == ClientMCP }

// settle writes what a kind says where nothing is said. What is left are the defaults of all clients.
func (k ClientKind) settle(c *Client) {
	switch k {
	case ClientMachine:
		setList(&c.GrantTypes, "client_credentials")
		setList(&c.ResponseTypes)
		setList((*[]string)(&c.Scope))
	case ClientNative, ClientMCP:
		c.RedirectURIs = loopbacks(c.RedirectURIs)
	}
	if (k == ClientWeb || k == ClientMachine) && c.TokenEndpointAuthMethod == "" {
		c.TokenEndpointAuthMethod = ClientAuthBasic // forgetting the secret is a mistake, and no public client
	}
	if k.public() && c.TokenEndpointAuthMethod == "" && c.Secret.Empty() && c.SecretFile == "" {
		c.TokenEndpointAuthMethod = ClientAuthNone
	}
	if k == ClientMCP && c.AccessTokenStrategy == "" {
		// A server of that protocol is handed tokens that it has to verify by itself.
		c.AccessTokenStrategy = TokenJWT
	}
	if k == ClientSPA || k == ClientMCP {
		setList(&c.Origins, originsOf(c.RedirectURIs)...)
	}
	if k == ClientWeb || k == ClientSPA || k == ClientNative {
		setList(&c.PostLogoutRedirectURIs, signedOut(c.RedirectURIs)...)
	}
}

func setList(list *[]string, values ...string) {
	if *list == nil {
		*list = append([]string{}, values...)
	}
}

// loopbackPath is where an application on a person's machine listens that named no address.
const loopbackPath = "/callback"

// loopbacks adds for each address on this machine those at which any port is taken: a program cannot know which
// port will be free (RFC 8252 section 7.3), and the name localhost may lead elsewhere (section 8.3).
func loopbacks(list []string) []string {
	if len(list) == 0 {
		list = []string{"http://127.0.0.1" + loopbackPath}
	}
	out := []string{}
	add := func(uri string) {
		if !slices.Contains(out, uri) {
			out = append(out, uri)
		}
	}
	for _, uri := range list {
		u, err := url.Parse(uri)
		if err != nil || u.Scheme != "http" || !localHost(u.Hostname()) {
			add(uri)
			continue
		}
		if ip, err := netip.ParseAddr(u.Hostname()); err != nil || !ip.IsLoopback() {
			add(uri) // a name: with the port that is named
		}
		rest := *u
		rest.Scheme, rest.Host = "", ""
		add("http://127.0.0.1" + rest.String())
		add("http://[::1]" + rest.String())
	}
	return out
}

// originsOf are those of the pages among addresses, as browsers send them. At 127.0.0.1 without a port any is taken,
// which is no origin.
func originsOf(list []string) (out []string) {
	for _, uri := range list {
		u, err := url.Parse(uri)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" {
			continue
		}
		if _, err := netip.ParseAddr(u.Hostname()); err == nil && u.Port() == "" {
			continue
		}
		origin := webOrigin(u)
		if originProblem(origin) == "" && !slices.Contains(out, origin) {
			out = append(out, origin)
		}
	}
	return out
}

// webOrigin is what a browser calls the origin of an address.
func webOrigin(u *url.URL) string {
	origin := strings.ToLower(u.Scheme + "://" + u.Host)
	if usual := map[string]string{"https": ":443", "http": ":80"}[u.Scheme]; strings.HasSuffix(origin, usual) {
		origin = strings.TrimSuffix(origin, usual)
	}
	return origin
}

// signedOut is where a sign-out ends: the first page of each place where a sign-in does, or, for a scheme of the
// application's own, where that does.
func signedOut(list []string) (out []string) {
	for _, uri := range list {
		u, err := url.Parse(uri)
		if err != nil {
			continue
		}
		to := uri
		if u.Scheme == "https" || u.Scheme == "http" {
			if _, err := netip.ParseAddr(u.Hostname()); err == nil && u.Port() == "" {
				continue // only the address of a sign-in may have any port
			}
			to = u.Scheme + "://" + u.Host + "/"
		}
		if !slices.Contains(out, to) {
			out = append(out, to)
		}
	}
	return out
}

// Draft is a client as a file with these words would have it, and what is wrong with it.
func Draft(c Client, p Profile) (Client, []Problem) {
	found := &collector{profile: p, unread: map[string]bool{}}
	c.settle()
	checkClient(found, "client", &c, p)
	return c, found.problems
}
