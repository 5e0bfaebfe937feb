package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Outbound limits the connections this process opens: to providers, receivers of hooks, back channels of applications,
// the service of known passwords. The database and the mail server are addresses of the operator's own and not
// concerned.
//
//	outbound:
//	  private: deny
//	  allow: [crm.internal:8443, 10.20.0.0/16]
type Outbound struct {
	// Private says whether private networks, loopback and link-local addresses may be reached: deny or allow.
	Private OutboundPrivate `yaml:"private"`
	// Allow lists what may be reached all the same: a host, host:port, an address, or a network as CIDR.
	Allow []string `yaml:"allow"`
	// Proxy is the address of a forward proxy that calls go through. What allow lists is reached without it.
	Proxy Secret `yaml:"proxy"`
	// ProxyFile is a file that holds the address.
	ProxyFile string `yaml:"proxy_file"`
	// None cuts the process off, for machines without a way out: nothing leaves but to the database and the mail server.
	None bool `yaml:"none"`
}

// OutboundPrivate says whether private networks may be reached.
type OutboundPrivate string

// Choices for outbound.private.
const (
	PrivateDeny  OutboundPrivate = "deny"
	PrivateAllow OutboundPrivate = "allow"
)

func (OutboundPrivate) words() []string { return []string{string(PrivateDeny), string(PrivateAllow)} }

func defaultOutbound(p Profile) Outbound {
	if p == Development {
		return Outbound{Private: PrivateAllow}
	}
	return Outbound{Private: PrivateDeny}
}

// OutboundRule is one entry of outbound.allow: a host by its name in lower case, or a network.
type OutboundRule struct {
	Host   string
	Prefix netip.Prefix
	// Port is the only one; 0 is any.
	Port uint16
}

// Rules returns what Allow lists.
func (o Outbound) Rules() []OutboundRule {
	out := make([]OutboundRule, 0, len(o.Allow))
	for _, raw := range o.Allow {
		if r, problem := parseOutbound(raw); problem == "" {
			out = append(out, r)
		}
	}
	return out
}

// ProxyURL returns the address of the forward proxy, nil without one.
func (o Outbound) ProxyURL() *url.URL {
	u, err := url.Parse(o.Proxy.Reveal())
	if err != nil || u.Host == "" {
		return nil
	}
	return u
}

const outboundForms = "write a host such as idp.example.com, host:port, an address, or a network such as 10.1.0.0/16"

// parseOutbound reads one entry, or says what is wrong with it.
func parseOutbound(raw string) (r OutboundRule, problem string) {
	switch {
	case strings.Contains(raw, "@"):
		return r, "must not hold a user or password; " + outboundForms
	case strings.Contains(raw, "*"):
		return r, "must not hold a wildcard (got " + quote(raw) + "); list each host"
	case strings.Contains(raw, "://"):
		return r, "must be a host, not an address of the web (got " + quote(raw) + "); " + outboundForms
	}
	if prefix, err := netip.ParsePrefix(raw); err == nil {
		switch {
		case prefix.Masked() != prefix:
			return r, fmt.Sprintf("must be the first address of its network (got %s); write %s", quote(raw), prefix.Masked())
		case prefix.Bits() == 0:
			return r, "must not be every address (got " + quote(raw) + "); write private: allow, or list networks"
		case prefix.Addr().Is4In6():
			return r, "must be an IPv4 network as such (got " + quote(raw) + ")"
		}
		return OutboundRule{Prefix: prefix}, ""
	}
	host, port := raw, uint64(0)
	if i := strings.LastIndexByte(raw, ':'); i >= 0 && (strings.HasPrefix(raw, "[") || strings.Count(raw, ":") == 1) && !strings.HasSuffix(raw, "]") {
		n, err := strconv.ParseUint(raw[i+1:], 10, 16)
		if err != nil || n == 0 {
			return r, "must have a port from 1 to 65535 (got " + quote(raw) + ")"
		}
		host, port = raw[:i], n
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if a, err := netip.ParseAddr(host); err == nil && a.Zone() == "" {
		a = a.Unmap()
		return OutboundRule{Prefix: netip.PrefixFrom(a, a.BitLen()), Port: uint16(port)}, ""
	}
	if host == "" || !validHost(host) {
		return r, "must be a host or a network (got " + quote(raw) + "); " + outboundForms
	}
	return OutboundRule{Host: strings.ToLower(host), Port: uint16(port)}, ""
}
