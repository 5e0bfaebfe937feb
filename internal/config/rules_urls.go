package config

import (
	"fmt"
	"net"
	"net/url"
	"strings"
)

func checkURLs(c *collector, cfg *Config) {
	if !checkOrigin(c, cfg) {
		return
	}
	u := cfg.URLs
	readable := true
	for _, one := range []struct {
		path     string
		value    *string
		listener Address
	}{
		{"urls.ui", &u.UI, cfg.Listen.UI},
		{"urls.hydra", &u.Hydra, cfg.Listen.HydraPublic},
		{"urls.kratos", &u.Kratos, cfg.Listen.KratosPublic},
	} {
		msg := urlMissing(cfg.Profile, one.listener)
		if *one.value != "" {
			if msg = urlProblem(*one.value, cfg.Profile); msg == "" {
				msg = hostCase(*one.value)
			}
		}
		if msg != "" {
			readable = false
			c.add(one.path, "%s", msg)
		}
		if *one.value == "" {
			// What will be derived once the listener is bound; the port is of no matter here.
			*one.value = "http://localhost"
		}
	}
	checkUIPath(c, u.UI)
	checkCookieDomain(c, u, readable)
}

func urlMissing(p Profile, a Address) string {
	switch {
	case p == Production:
		return "must be set in production; write the https:// address that browsers use"
	case a.Off(), a.Network() == "unix":
		return "must be set because its listener has no port to derive it from"
	}
	return ""
}

// urlProblem returns what is wrong with an address that browsers open, empty for nothing. Nothing
// of an address with a password in it is printed.
func urlProblem(raw string, p Profile) string {
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return "must be an http:// or https:// address; this one cannot be read"
	case u.User != nil:
		return "must not hold a user or password"
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Sprintf("must begin with http:// or https:// (got %s)", quote(raw))
	case hostLetters(raw, u) != "":
		return hostLetters(raw, u)
	case u.Hostname() == "" || !validHost(u.Hostname()):
		return fmt.Sprintf("must name a host (got %s)", quote(raw))
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.Contains(raw, "#"):
		return "must not have a query or a fragment; cut it at the ? or #"
	case u.Scheme == "http" && p == Production && !localHost(u.Hostname()):
		return fmt.Sprintf("must be https in production (got %s); only localhost may be http", quote(raw))
	}
	return ""
}

func localHost(h string) bool {
	ip := net.ParseIP(h)
	return strings.EqualFold(h, "localhost") || ip != nil && ip.IsLoopback()
}

// checkUIPath: the pages link to each other from the root.
func checkUIPath(c *collector, raw string) {
	u, err := url.Parse(raw)
	if err == nil && u.Path != "" && u.Path != "/" {
		c.add("urls.ui", "must not have a path (got %s); give the pages a host name of their own", quote(u.Path))
	}
}

func checkCookieDomain(c *collector, u URLs, readable bool) {
	d := u.CookieDomain
	if d != "" && (!validHost(d) || strings.Contains(d, ":")) {
		c.add("urls.cookie_domain", "must be a domain such as example.com (got %s)", quote(d))
		return
	}
	if !readable {
		return
	}
	if _, err := u.EffectiveCookieDomain(); err != nil {
		c.add("urls.cookie_domain", "%v", err)
	}
}

func checkReturnTo(c *collector, cfg *Config) {
	for i, raw := range cfg.ReturnTo {
		if msg := returnToProblem(raw, cfg.Profile); msg != "" {
			c.add(fmt.Sprintf("return_to[%d]", i), "%s", msg)
		}
	}
}

// returnToProblem returns what is wrong with an address that a flow may end at. Kratos lets any host below
// *. through, and any path that begins with the one that is allowed (docs/ory-quirks.md#q85).
func returnToProblem(raw string, p Profile) string {
	plain, wild, ok := cutWildcard(raw)
	if !ok {
		return fmt.Sprintf("must hold a wildcard only as the whole first part of the host, such as https://*.example.com (got %s)", quote(raw))
	}
	if msg := urlProblem(plain, p); msg != "" {
		return msg
	}
	u, err := url.Parse(plain)
	if err != nil {
		return "cannot be read"
	}
	if msg := hostForm(plain, u); msg != "" {
		return msg
	}
	if wild {
		if msg := wildcardProblem(raw, u.Hostname()); msg != "" {
			return msg
		}
	}
	switch at := u.EscapedPath(); {
	case at != "" && !strings.HasSuffix(at, "/"):
		return fmt.Sprintf("must have a path that ends with a slash, since everything that begins with it is let through (got %s, which "+
			"lets %s-evil through); write %s/", quote(raw), at, raw)
	case strings.Contains(at, "%"), strings.Contains(at, "/."), strings.Contains(at, "//"):
		return fmt.Sprintf("must have a path without %%, dots and double slashes, which are compared before they are resolved (got %s)", quote(raw))
	}
	return ""
}
