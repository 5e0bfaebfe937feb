package config

import (
	"net"
	"os"
	"regexp"
	"strings"
)

var regionPattern = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$`)

func checkGeneral(c *collector, cfg *Config) {
	if cfg.Region != "" && !regionPattern.MatchString(cfg.Region) {
		c.add("region", "must be letters, digits, dots, dashes and underscores, at most 63 (got %s)", quote(cfg.Region))
	}
	if info, err := os.Stat(cfg.DataDir); err == nil && !info.IsDir() {
		c.add("data_dir", "must be a folder (%s is a file)", cfg.DataDir)
	}
}

func checkListen(c *collector, cfg *Config) {
	if h := cfg.Listen.Host; !validHost(h) {
		c.add("listen.host", "must be an IP address or a host name, without port (got %s); %s", quote(h),
			"write 0.0.0.0 for all IPv4 addresses or :: for all")
	}
	all := cfg.Listen.all()
	for i, n := range all {
		if n.admin {
			checkAdminAddress(c, cfg, n)
		}
		for _, other := range all[:i] {
			if other.addr == &cfg.Listen.Gateway && cfg.Listen.GatewayServesUI() {
				continue // one listener, judged as listen.ui
			}
			if clash(*n.addr, *other.addr) {
				c.add(n.path, "cannot be bound beside %s (got %q and %q); choose another one", other.path, n.addr, other.addr)
			}
		}
	}
}

// clash reports whether the second of two listeners could not be bound.
func clash(a, b Address) bool {
	if a.off || b.off || a.path != "" || b.path != "" {
		return a.path != "" && a.path == b.path
	}
	if a.port != b.port || a.port == 0 {
		return false
	}
	return wildcard(a.host) || wildcard(b.host) || strings.EqualFold(a.host, b.host) ||
		a.Loopback() && b.Loopback() && (a.host == "localhost" || b.host == "localhost")
}

func wildcard(host string) bool {
	ip := net.ParseIP(host)
	return host == "" || ip != nil && ip.IsUnspecified()
}
