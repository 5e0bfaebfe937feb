package config

import (
	"fmt"
	"net"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

func checkProtect(c *collector, cfg *Config) {
	domain := protectedDomain(cfg)
	for i := range cfg.Protect {
		rule, at := &cfg.Protect[i], fmt.Sprintf("protect[%d]", i)
		if c.unread[at] {
			continue
		}
		if msg := protectedHost(rule.Host); msg != "" {
			c.add(at+".host", "%s", msg)
		} else {
			checkProtectedHost(c, at, rule.Host, cfg, domain)
		}
		for j, p := range rule.Paths {
			if msg := protectedPath(p); msg != "" {
				c.add(fmt.Sprintf("%s.paths[%d]", at, j), "%s", msg)
			}
		}
		for j, g := range rule.Groups {
			if msg := groupProblem(g); msg != "" {
				c.add(fmt.Sprintf("%s.groups[%d]", at, j), "%s", msg)
			}
		}
		if rule.Public && (len(rule.Groups) > 0 || rule.AAL != "") {
			c.add(at+".public", "must not stand beside groups and aal: who is not signed in has neither; remove one of the two")
		}
		for j := range i {
			if shadows(cfg.Protect[j], *rule) {
				c.add(at, "is never reached, since protect[%d] comes first and has all of its addresses; put it in front", j)
				break
			}
		}
	}
	if len(cfg.Protect) > 0 && len(cfg.Proxy.Trusted) == 0 {
		c.add("proxy.trusted", "must be set where protect is: who asks at /forward-auth is believed only from there; "+
			"write the network of the proxy, such as 10.0.3.0/24")
	}
}

// protectedDomain is what cookies of a session are sent to, beside the hosts of the pages themselves.
func protectedDomain(cfg *Config) string {
	u := cfg.URLs
	if cfg.OneOrigin() {
		u = URLs{UI: cfg.Origin, CookieDomain: u.CookieDomain}
	}
	domain, _ := u.EffectiveCookieDomain() // what is wrong with it is said elsewhere
	return domain
}

// checkProtectedHost holds that a browser sends the session to the application's host: nobody could be let in
// otherwise, and signing in would lead back to signing in.
func checkProtectedHost(c *collector, at, host string, cfg *Config, domain string) {
	pages, name := cfg.pagesHosts(), hostName(host)
	switch {
	case len(pages) == 0: // said elsewhere
	case slices.Contains(pages, host) && host != "localhost":
		c.add(at+".host", "must not be where people sign in (got %s); give the application a host of its own", quote(host))
	case domain != "" && within(name, domain):
	case !slices.ContainsFunc(pages, func(p string) bool { return hostName(p) != name }):
	case domain != "":
		c.add(at+".host", "must be below urls.cookie_domain, since browsers send a session nowhere else (got %s, which is not under %s)",
			quote(host), domain)
	default:
		c.add(at+".host", "must share a cookie domain with the pages, since browsers send a session nowhere else (got %s beside %s); "+
			"write urls.cookie_domain, a domain that both are under", quote(host), strings.Join(slices.Compact(pages), ", "))
	}
}

func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.Trim(host, "[]")
}

func protectedHost(host string) string {
	lower := strings.ToLower(host)
	switch {
	case host == "":
		return "must be set; write the host of the application, such as app.example.com"
	case strings.Contains(host, "*"):
		return fmt.Sprintf("must not hold a wildcard (got %s); list each host", quote(host))
	case strings.ContainsAny(host, "/@?#\\ ") || !validHost(hostName(host)):
		return fmt.Sprintf("must be a host alone, without scheme and path (got %s); write app.example.com", quote(host))
	case usualPort(strings.TrimSuffix(lower, ".")) != host:
		return fmt.Sprintf("must be as browsers write it (got %s); write %s", quote(host), usualPort(strings.TrimSuffix(lower, ".")))
	}
	return ""
}

// protectedPath judges a path as it is once it is decoded. What servers read in more than one way cannot be
// written here: what is asked for is judged by every way (docs/adr/0068-forward-auth.md).
func protectedPath(p string) string {
	switch {
	case !strings.HasPrefix(p, "/"):
		return fmt.Sprintf("must begin with a slash (got %s)", quote(p))
	case strings.ContainsAny(p, "%?#;*\\") || strings.ContainsFunc(p, unicode.IsControl) || !utf8.ValidString(p):
		return fmt.Sprintf(`must be a path as it reads, without %% ? # ; * and \ (got %s); everything below a path is meant too`, quote(p))
	case path.Clean(p) != strings.TrimSuffix(p, "/") && p != "/":
		return fmt.Sprintf("must be without dots and double slashes (got %s); write %s", quote(p), path.Clean(p))
	}
	return ""
}

// groupProblem judges the name of a group. Applications are told all of them in one header, with commas between.
func groupProblem(name string) string {
	switch {
	case strings.TrimSpace(name) != name || name == "":
		return fmt.Sprintf("must not be empty, nor begin or end with a space (got %s)", quote(name))
	case strings.Contains(name, ","):
		return fmt.Sprintf("must not have a comma in it, which is between groups (got %s)", quote(name))
	case strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return fmt.Sprintf("must be printable text (got %s)", quote(name))
	}
	return ""
}

// shadows says whether a rule that comes first leaves nothing for another one.
func shadows(first, later ProtectRule) bool {
	if first.Host != later.Host {
		return false
	}
	if len(first.Paths) == 0 {
		return true
	}
	all := later.Paths
	if len(all) == 0 {
		all = []string{"/"}
	}
	for _, p := range all {
		if !slices.ContainsFunc(first.Paths, func(f string) bool {
			f = strings.TrimSuffix(f, "/")
			return strings.TrimSuffix(p, "/") == f || strings.HasPrefix(p, f+"/")
		}) {
			return false
		}
	}
	return true
}
