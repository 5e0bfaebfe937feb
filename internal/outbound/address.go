package outbound

import (
	"net"
	"net/netip"

	"code.dny.dev/ssrf"
)

// Kind says why something was refused. It is a label of a metric.
type Kind string

// The reasons, of addresses and of what servers answer.
const (
	// OwnListener is a listener of this process.
	OwnListener Kind = "own_listener"
	// Private is loopback, private and shared address space.
	Private Kind = "private"
	// Metadata is where clouds hand out credentials to whoever asks from the inside.
	Metadata Kind = "metadata"
	// Reserved is everything else that no public server has.
	Reserved Kind = "reserved"
	// AirGap is every call where nothing may leave.
	AirGap Kind = "air_gap"
	// Scheme is neither http nor https.
	Scheme Kind = "scheme"
	// Downgrade is a redirect from https to http.
	Downgrade Kind = "downgrade"
	// Redirects are too many of them.
	Redirects Kind = "redirects"
	// TooLarge is an answer beyond MaxBody.
	TooLarge Kind = "too_large"
	// TooSlow is an exchange that took longer than it may.
	TooSlow Kind = "too_slow"
)

// plain returns the address that packets go to: the IPv4 address inside of a mapped one or one of the
// well-known prefix of NAT64 (RFC 6052), which every public IPv4 server has on a network with IPv6 only.
func plain(a netip.Addr) netip.Addr {
	a = a.WithZone("").Unmap()
	if ssrf.IPv6NAT64Prefix.Contains(a) {
		b := a.As16()
		a = netip.AddrFrom4([4]byte(b[12:]))
	}
	return a
}

// classify says what is special about a plain address; nothing about a public one.
func classify(a netip.Addr) Kind {
	shared := netip.MustParsePrefix("100.64.0.0/10") // RFC 6598
	switch {
	case isMetadata(a):
		return Metadata
	case a.IsLoopback(), a.IsPrivate(), shared.Contains(a):
		return Private
	case a.Is6() && !ssrf.IPv6GlobalUnicast.Contains(a):
		return Reserved
	}
	denied := ssrf.IPv4DeniedPrefixes
	if a.Is6() {
		denied = ssrf.IPv6DeniedPrefixes
	}
	for _, prefix := range denied {
		if prefix.Contains(a) {
			return Reserved
		}
	}
	return ""
}

// isMetadata knows the addresses that the large clouds use, some of which lie in private or public space.
func isMetadata(a netip.Addr) bool {
	switch a.String() {
	case "169.254.169.254", "fd00:ec2::254", // AWS, and most others
		"169.254.170.2",   // AWS containers
		"169.254.170.23",  // AWS EKS
		"fd00:ec2::23",    // AWS EKS
		"fd20:ce::254",    // Google
		"100.100.100.200", // Alibaba
		"192.0.0.192",     // Oracle, formerly
		"168.63.129.16":   // Azure
		return true
	}
	return false
}

// own reports whether a connection would end at a listener of this process. One on all addresses has those
// of all interfaces.
func (p *Policy) own(at netip.AddrPort) bool {
	for _, l := range p.cfg.Own {
		if l.Port() != at.Port() {
			continue
		}
		bound := plain(l.Addr())
		if bound == at.Addr() || bound.IsUnspecified() && isLocal(at.Addr()) || at.Addr().IsUnspecified() {
			return true
		}
	}
	return false
}

func isLocal(a netip.Addr) bool {
	if a.IsLoopback() {
		return true
	}
	list, err := net.InterfaceAddrs()
	if err != nil {
		return true // better to refuse one too many
	}
	for _, one := range list {
		if n, ok := one.(*net.IPNet); ok {
			if local, ok := netip.AddrFromSlice(n.IP); ok && local.Unmap() == a {
				return true
			}
		}
	}
	return false
}
