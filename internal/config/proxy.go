package config

import (
	"fmt"
	"net/netip"
	"strings"
)

// Proxy says which reverse proxies are believed when they name the address of a client and whether it came by https.
// Nobody is unless it is listed.
//
//	proxy:
//	  trusted: [10.0.3.0/24, unix]
type Proxy struct {
	// Trusted are the networks of the proxies, as CIDR or single addresses, whose headers are believed; unix stands for
	// whoever connects to a unix socket.
	Trusted []string `yaml:"trusted"`
	// ClientIPHeader is the header in which they name the client's address. Empty means X-Forwarded-For;
	// Forwarded is that of RFC 7239.
	ClientIPHeader string `yaml:"client_ip_header"`
}

// socketPeer is the word of proxy.trusted for whoever connects to a unix socket.
const socketPeer = "unix"

// Networks returns the trusted networks, and whether the peers of unix sockets are trusted too.
func (p Proxy) Networks() (networks []netip.Prefix, sockets bool) {
	for _, raw := range p.Trusted {
		if raw == socketPeer {
			sockets = true
			continue
		}
		if n, problem := network(raw); problem == "" {
			networks = append(networks, n)
		}
	}
	return networks, sockets
}

// network reads a network or an address, and says what is wrong with it.
func network(raw string) (netip.Prefix, string) {
	if addr, err := netip.ParseAddr(raw); err == nil {
		if addr.Zone() != "" {
			return netip.Prefix{}, fmt.Sprintf("must have no zone (got %s); write %s", quote(raw), addr.WithZone(""))
		}
		return netip.PrefixFrom(addr.Unmap(), addr.Unmap().BitLen()), ""
	}
	n, err := netip.ParsePrefix(raw)
	switch {
	case err != nil:
		return netip.Prefix{}, fmt.Sprintf("must be a network, an address or unix (got %s); write 10.0.3.0/24", quote(raw))
	case n.Bits() == 0:
		return netip.Prefix{}, fmt.Sprintf("must not be everybody (got %s): then everybody writes an address of their choice; "+
			"write the networks that only proxies are in", quote(raw))
	case n.Addr().Is4In6():
		return netip.Prefix{}, fmt.Sprintf("must be written as IPv4 (got %s); write %s/%d", quote(raw), n.Addr().Unmap(), max(n.Bits()-96, 1))
	case n.Masked() != n:
		return netip.Prefix{}, fmt.Sprintf("must begin at the start of the network (got %s); write %s, or %s for one address",
			quote(raw), n.Masked(), n.Addr())
	}
	return n, ""
}

func checkProxy(c *collector, cfg *Config) {
	for i, raw := range cfg.Proxy.Trusted {
		if _, problem := network(raw); problem != "" && raw != socketPeer {
			c.add(fmt.Sprintf("proxy.trusted[%d]", i), "%s", problem)
		}
	}
	header := cfg.Proxy.ClientIPHeader
	switch {
	case header == "":
	case !isHeaderName(header):
		c.add("proxy.client_ip_header", "must be the name of a header (got %s); write X-Real-IP", quote(header))
	case ordinaryHeader(header):
		c.add("proxy.client_ip_header", "must be a header that a proxy adds (got %s); write X-Real-IP, or leave it out for X-Forwarded-For",
			quote(header))
	case len(cfg.Proxy.Trusted) == 0:
		c.add("proxy.trusted", "must be set beside proxy.client_ip_header, or nobody is believed who sends it; write the networks of the proxies")
	}
	warnProxy(c, cfg)
}

// warnProxy: behind a proxy that is not trusted everybody has one address, and shares its limits.
func warnProxy(c *collector, cfg *Config) {
	_, sockets := cfg.Proxy.Networks()
	for _, n := range cfg.Listen.all() {
		if !n.public || n.addr.Off() || n.path == "listen.ui" && cfg.Listen.GatewayServesUI() {
			continue
		}
		switch {
		case n.addr.Network() == "unix" && !sockets:
			c.warn("proxy.trusted", "has no unix, though %s is a socket: nobody who comes by it has an address; write [unix]", n.path)
			return
		case n.addr.Network() == "tcp" && cfg.Profile == Production && len(cfg.Proxy.Trusted) == 0 &&
			cfg.TLS.Pair(strings.TrimPrefix(n.path, "listen.")).Empty():
			c.warn("proxy.trusted", "is empty, though %s has no certificate and so is behind a proxy: everybody has that proxy's "+
				"address and shares its limits; write the network of the proxy, such as 127.0.0.1", n.path)
			return
		}
	}
}

// isHeaderName reports whether a name is a token (RFC 9110 section 5.6.2).
func isHeaderName(s string) bool {
	const token = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~"
	return s != "" && strings.Trim(s, token) == ""
}

// ordinaryHeader reports whether a header means something else, and would be taken from every request.
func ordinaryHeader(s string) bool {
	switch strings.ToLower(s) {
	case "host", "cookie", "authorization", "accept", "origin", "referer", "user-agent", "content-type", "content-length",
		"x-forwarded-host", "x-forwarded-proto", "x-forwarded-port", "x-request-id":
		return true
	}
	return false
}
