package config

import (
	"fmt"
	"net/url"
	"strings"
)

// checkOrigins judges the origins that browsers may call from. They are compared letter by letter
// with what a browser sends, so what a browser would never send is refused.
func checkOrigins(c *collector, path string, list []string) {
	for i, raw := range list {
		if msg := originProblem(raw); msg != "" {
			c.add(fmt.Sprintf("%s[%d]", path, i), "%s", msg)
		}
	}
}

func originProblem(raw string) string {
	u, err := url.Parse(raw)
	switch {
	case strings.Contains(raw, "@"):
		return "must not hold a user or password"
	case strings.Contains(raw, "*"):
		return fmt.Sprintf("must not hold a wildcard (got %s); list each origin", quote(raw))
	case err != nil:
		return "must be an origin such as https://app.example.com; this one cannot be read"
	case hostLetters(raw, u) != "":
		return hostLetters(raw, u)
	case u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "", !validHost(u.Hostname()):
		return fmt.Sprintf("must be scheme://host or scheme://host:port (got %s); write https://app.example.com", quote(raw))
	case u.Scheme == "http" && !localHost(u.Hostname()):
		return fmt.Sprintf("must be https (got %s); only localhost may be http", quote(raw))
	}
	sent := strings.ToLower(u.Scheme + "://" + u.Host)
	sent = strings.TrimSuffix(sent, ":")
	if port := u.Port(); u.Scheme == "http" && port == "80" || u.Scheme == "https" && port == "443" {
		sent = strings.TrimSuffix(sent, ":"+port)
	}
	if raw != sent {
		return fmt.Sprintf("must be as browsers send it (got %s); write %s", quote(raw), sent)
	}
	return ""
}

// checkBlockOrigins judges the origins in the verbatim blocks. There a wildcard is allowed, below a domain.
// To the engines *foo.com is evilfoo.com too, and no list at all means everybody (docs/ory-quirks.md#q85).
func checkBlockOrigins(c *collector, p Profile, block string, settings Settings, ours []string) {
	leaves := map[string]any{}
	flatten(leaves, "", settings)
	for _, side := range []string{"public", "admin"} {
		at := "serve." + side + ".cors."
		list, listed := leaf(leaves, at+"allowed_origins").([]any)
		for i, one := range list {
			raw, _ := one.(string)
			if msg := blockOriginProblem(raw); msg != "" {
				c.add(fmt.Sprintf("%s.%sallowed_origins[%d]", block, at, i), "%s", msg)
			}
		}
		if leaf(leaves, at+"enabled") != true || len(list) > 0 || side == "public" && !listed && len(ours) > 0 {
			continue
		}
		complain(c, p, block+"."+at+"enabled", "must not be true without a list, which the engine takes for everybody; write cors.origins, or remove it")
	}
}

// leaf finds a setting as the engines do, whatever the case of its name.
func leaf(leaves map[string]any, path string) any {
	for name, v := range leaves {
		if strings.EqualFold(name, path) {
			return v
		}
	}
	return nil
}

func blockOriginProblem(raw string) string {
	plain, wild, ok := cutWildcard(raw)
	if !ok || raw == "" {
		return fmt.Sprintf("must be an origin, with a wildcard only as the whole first part of the host, such as https://*.example.com (got %s)", quote(raw))
	}
	if msg := originProblem(plain); msg != "" {
		return msg
	}
	if u, err := url.Parse(plain); wild && err == nil {
		return wildcardProblem(raw, u.Hostname())
	}
	return ""
}
