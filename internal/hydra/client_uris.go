package hydra

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/ory/fosite"
	"github.com/ory/hydra/v2/client"
	hdriver "github.com/ory/hydra/v2/driver"
	hx "github.com/ory/hydra/v2/x"
	"golang.org/x/net/publicsuffix"
)

// checkedClients is the registry with a manager that stores no client whose addresses a browser would run
// instead of open (docs/ory-quirks.md#q87). Upstream's validator is a type that cannot be replaced; the
// manager sees what a change comes to, a JSON patch included.
type checkedClients struct {
	hdriver.Registry
	dev bool
	// own wraps the manager for applications that register themselves; nil is for the admin API.
	own func(client.Manager) client.Manager
}

// ClientManager implements client.Registry.
func (r checkedClients) ClientManager() client.Manager {
	m := r.Registry.ClientManager()
	if r.own != nil {
		m = r.own(m)
	}
	return checkedManager{m, r.dev}
}

type checkedManager struct {
	client.Manager
	dev bool
}

// CreateClient implements client.Storage.
func (m checkedManager) CreateClient(ctx context.Context, c *client.Client) error {
	if err := checkClient(c, m.dev); err != nil {
		return err
	}
	return m.Manager.CreateClient(ctx, c)
}

// UpdateClient implements client.Storage.
func (m checkedManager) UpdateClient(ctx context.Context, c *client.Client) error {
	if err := checkClient(c, m.dev); err != nil {
		return err
	}
	return m.Manager.UpdateClient(ctx, c)
}

// clientRoutes puts upstream's own handlers, on the registry above, in front of the routes by which clients
// are made and changed.
func (e *Engine) clientRoutes(publicNext, adminNext http.Handler) (public, admin http.Handler) {
	if e.cfg.UncheckedClients {
		return publicNext, adminNext
	}
	adminRouter, publicRouter := hx.NewRouterAdmin(e.registry.Config().AdminURL), hx.NewRouterPublic()
	client.NewHandler(checkedClients{e.registry, e.cfg.Dev, nil}).SetRoutes(adminRouter, hx.NewRouterPublic())
	client.NewHandler(checkedClients{e.registry, e.cfg.Dev, func(m client.Manager) client.Manager {
		return registeredClients{m, e.cfg.Registered}
	}}).SetRoutes(hx.NewRouterAdmin(e.registry.Config().AdminURL), publicRouter)
	pick := func(path string, ours, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == path || strings.HasPrefix(r.URL.Path, path+"/") {
				ours.ServeHTTP(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
	return pick(client.DynClientsHandlerPath, e.registering(e.signatureWishes(publicRouter)), publicNext), pick(pathClients, e.signatureWishes(adminRouter), adminNext)
}

// checkClient returns what an application is told of a client that must not be stored (RFC 7591 section
// 3.2.2).
func checkClient(c *client.Client, dev bool) error {
	for i, raw := range c.RedirectURIs {
		if msg := returnProblem(raw, dev); msg != "" {
			return refuseClient(client.ErrInvalidRedirectURI, fmt.Sprintf("redirect_uris[%d]", i), msg)
		}
	}
	for i, raw := range c.PostLogoutRedirectURIs {
		if msg := returnProblem(raw, dev); msg != "" {
			return refuseClient(client.ErrInvalidClientMetadata, fmt.Sprintf("post_logout_redirect_uris[%d]", i), msg)
		}
	}
	for i, raw := range c.RequestURIs {
		if msg := webProblem(raw); msg != "" {
			return refuseClient(client.ErrInvalidClientMetadata, fmt.Sprintf("request_uris[%d]", i), msg)
		}
	}
	for _, one := range []struct{ word, raw string }{
		{"client_uri", c.ClientURI},
		{"policy_uri", c.PolicyURI},
		{"tos_uri", c.TermsOfServiceURI},
		{"logo_uri", c.LogoURI},
		{"jwks_uri", c.JSONWebKeysURI},
		{"sector_identifier_uri", c.SectorIdentifierURI},
		{"frontchannel_logout_uri", c.FrontChannelLogoutURI},
		{"backchannel_logout_uri", c.BackChannelLogoutURI},
	} {
		if msg := webProblem(one.raw); one.raw != "" && msg != "" {
			return refuseClient(client.ErrInvalidClientMetadata, one.word, msg)
		}
	}
	for i, raw := range c.AllowedCORSOrigins {
		if msg := corsProblem(raw); msg != "" {
			return refuseClient(client.ErrInvalidClientMetadata, fmt.Sprintf("allowed_cors_origins[%d]", i), msg)
		}
	}
	return nil
}

func refuseClient(kind *fosite.RFC6749Error, word, msg string) error {
	return kind.WithHintf("Field %s %s.", word, msg)
}

// longestURI is what browsers and servers agree on.
const longestURI = 2048

// readURI returns what is wrong with any address, and the address where nothing is.
func readURI(raw string) (*url.URL, string) {
	u, err := url.Parse(raw)
	switch {
	case len(raw) > longestURI:
		return nil, fmt.Sprintf("must be at most %d characters", longestURI)
	case err != nil, u.Scheme == "", u.Opaque != "", raw != strings.TrimSpace(raw):
		return nil, "must be a whole address, such as https://app.example.com/page"
	case u.User != nil:
		return nil, "must not hold a user or password"
	case strings.Contains(raw, `\`):
		return nil, "must not hold a backslash, which browsers read as a slash"
	}
	return u, ""
}

// webProblem judges an address that is opened by a browser or by this process.
func webProblem(raw string) string {
	if scheme, _, _ := strings.Cut(strings.ToLower(raw), ":"); scheme != "https" && scheme != "http" {
		return "must begin with https:// or http://"
	}
	u, msg := readURI(raw)
	if msg == "" && u.Hostname() == "" {
		msg = "must name a host"
	}
	return msg
}

// returnProblem judges an address that a browser is sent back to, with a code. A scheme of the
// application's own is one that no browser knows (RFC 8252 section 7.1).
func returnProblem(raw string, dev bool) string {
	scheme, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(raw)), ":")
	// A browser, or the system it runs on, would run or open these instead of handing the code over.
	if slices.Contains([]string{
		"javascript", "data", "vbscript", "file", "blob", "filesystem", "about", "ws", "wss", "ftp", "view-source", "mailto", "tel", "sms", "intent",
	}, scheme) {
		return "must be https, http on loopback, or a scheme of the application's own"
	}
	u, msg := readURI(raw)
	switch {
	case msg != "":
		return msg
	case u.Scheme != "https" && u.Scheme != "http":
		return ""
	case u.Hostname() == "":
		return "must name a host"
	case strings.Contains(u.Host, "*"):
		return "must not hold a wildcard; list each address"
	case u.Scheme == "http" && !dev && !loopback(u.Hostname()):
		return "must be https; only loopback may be http"
	}
	return ""
}

func loopback(host string) bool {
	host = strings.ToLower(host)
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && ip.IsLoopback()
}

var plainHost = regexp.MustCompile(`^[a-zA-Z0-9._:\[\]-]+$`)

// corsProblem judges an origin whose pages may call with the client's credentials. Hydra takes it for a
// pattern, in which more than the star has a meaning.
func corsProblem(raw string) string {
	u, msg := readURI(raw)
	if msg != "" {
		return msg
	}
	host, wild := strings.CutPrefix(u.Host, "*.")
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return "must begin with https:// or http://"
	case !plainHost.MatchString(host), u.RawQuery != "", u.ForceQuery, u.Fragment != "", strings.Trim(u.Path, "/") != "":
		return "must be an origin, with a wildcard only as the whole first part of the host, such as https://*.example.com"
	case wild:
		if _, err := publicsuffix.EffectiveTLDPlusOne(strings.ToLower(host)); err != nil || !strings.Contains(host, ".") {
			return "must hold a wildcard only below a domain that one owner has, such as https://*.example.com"
		}
	}
	return ""
}
