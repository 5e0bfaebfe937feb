package config

import (
	"net"
	"net/url"
	"strings"
)

// ProtectRule says who may open addresses of an application behind forward-auth. The first rule that fits decides, and
// what none fits is refused; docs/forward-auth.md has the proxies.
//
//	urls: { cookie_domain: example.com }
//	proxy: { trusted: [10.0.3.0/24] }
//	protect:
//	  - { host: wiki.example.com, paths: [/assets], public: true }
//	  - { host: wiki.example.com, paths: [/admin], groups: [wiki-admins], aal: aal2 }
//	  - { host: wiki.example.com }
type ProtectRule struct {
	// Host is that of the application as a browser writes it: app.example.com, with its port unless that is the
	// usual one.
	Host string `yaml:"host"`
	// Paths are those that the rule is for, each with everything below it. Default: all.
	Paths []string `yaml:"paths"`
	// Groups are those of whom one is needed. Default: everybody who is signed in.
	Groups []string `yaml:"groups"`
	// Public lets everybody in, signed in or not.
	Public bool `yaml:"public"`
	// AAL is the level of the sign-in that is needed: aal1 or aal2, with a second step. Default: aal1.
	AAL AAL `yaml:"aal"`
}

// AAL is a level of a sign-in.
type AAL string

// Levels of a sign-in.
const (
	AAL1 AAL = "aal1"
	AAL2 AAL = "aal2"
)

func (AAL) words() []string { return []string{string(AAL1), string(AAL2)} }

// ProtectedOrigins are the origins of the applications behind forward-auth, where a sign-in may end.
func (c Config) ProtectedOrigins() []string {
	schemes := []string{"https://"}
	if c.Profile == Development {
		schemes = append(schemes, "http://")
	}
	var out []string
	seen := map[string]bool{}
	for _, rule := range c.Protect {
		if rule.Public || seen[rule.Host] {
			continue
		}
		seen[rule.Host] = true
		for _, scheme := range schemes {
			out = append(out, scheme+rule.Host+"/")
		}
	}
	return out
}

// pagesHosts are the hosts that cookies of a session are of, with their ports, as far as that is known before
// anything is bound.
func (c Config) pagesHosts() []string {
	written := []string{c.URLs.UI, c.URLs.Hydra, c.URLs.Kratos}
	if c.OneOrigin() {
		written = []string{c.Origin}
	}
	var out []string
	for _, raw := range written {
		u, err := url.Parse(raw)
		switch {
		case raw == "" && c.Profile == Development:
			out = append(out, "localhost")
		case err == nil && u.Host != "":
			out = append(out, usualPort(strings.ToLower(u.Host)))
		}
	}
	return out
}

// usualPort takes a port off that browsers leave out.
func usualPort(host string) string {
	name, port, err := net.SplitHostPort(host)
	if err == nil && (port == "443" || port == "80") {
		if strings.Contains(name, ":") {
			return "[" + name + "]"
		}
		return name
	}
	return host
}
