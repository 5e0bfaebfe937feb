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
