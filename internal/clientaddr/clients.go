package clientaddr

import (
	"net/http"
	"net/netip"
	"net/textproto"
	"slices"
	"strings"
)

// ForwardedFor is the header that is read where no other is named.
const ForwardedFor = "X-Forwarded-For"

// Config says which proxies are believed.
type Config struct {
	// Trusted are the networks of the proxies; none believes nobody.
	Trusted []netip.Prefix
	// Sockets says that whoever connects to a unix socket is a proxy.
	Sockets bool
	// Header is where the proxies name the address of the client; empty means X-Forwarded-For. Forwarded
	// is read as RFC 7239 says, any other as a list whose last entry is the newest.
	Header string
}

// Clients finds out who is at the other end. It is immutable.
type Clients struct {
	trusted []netip.Prefix
	sockets bool
	header  string
}

// New returns Clients.
func New(cfg Config) *Clients {
	header := textproto.CanonicalMIMEHeaderKey(cfg.Header)
	if header == "" {
		header = ForwardedFor
	}
	return &Clients{trusted: slices.Clone(cfg.Trusted), sockets: cfg.Sockets, header: header}
}

// Proxy reports whether an address is that of a trusted proxy.
func (c *Clients) Proxy(addr netip.Addr) bool {
	addr = plain(addr)
	return slices.ContainsFunc(c.trusted, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// Of returns the address of the client of a request, whose connection comes from remote: the connection's,
// or, where that is a trusted proxy's, the right-most one of the header that is not a proxy's too. Each
// proxy adds at the right whom it was asked by, so that this is the last entry that somebody trusted has
// written; what is left of it was written by that client and may be invented.
//
// An entry that is no address ends the search at the proxy that wrote it: better one address for all of
// its clients than one that they choose.
func (c *Clients) Of(remote string, h http.Header) netip.Addr {
	peer, ok := peerOf(remote)
	if ok && !c.Proxy(peer) || !ok && !c.sockets {
		return peer
	}
	found := peer
	for _, entry := range slices.Backward(c.entries(h)) {
		addr, ok := parseEntry(entry)
		if !ok {
			break
		}
		if found = addr; !c.Proxy(addr) {
			break
		}
	}
	return found
}

// Trusts reports whether the other end of a connection is a proxy.
func (c *Clients) Trusts(remote string) bool {
	peer, ok := peerOf(remote)
	return ok && c.Proxy(peer) || !ok && c.sockets
}

// entries are those of the header, oldest first. Several lines are one list (RFC 9110 section 5.3).
func (c *Clients) entries(h http.Header) []string {
	lines := h.Values(c.header)
	if len(lines) == 0 {
		return nil
	}
	all := strings.Join(lines, ",")
	if c.header == "Forwarded" {
		return forwarded(all)
	}
	return strings.Split(all, ",")
}

// peerOf reads what net/http says of a connection. A socket has no address.
func peerOf(remote string) (netip.Addr, bool) {
	if at, err := netip.ParseAddrPort(remote); err == nil {
		return plain(at.Addr()), true
	}
	addr, err := netip.ParseAddr(remote)
	return plain(addr), err == nil
}

// parseEntry reads one hop: an address, with a port or without.
func parseEntry(entry string) (netip.Addr, bool) {
	entry = strings.TrimSpace(entry)
	if addr, err := netip.ParseAddr(entry); err == nil {
		return plain(addr), true
	}
	if inner, ok := strings.CutPrefix(entry, "["); ok {
		inner, rest, closed := strings.Cut(inner, "]")
		addr, err := netip.ParseAddr(inner)
		if !closed || err != nil || !addr.Is6() || rest != "" && !isPort(rest) {
			return netip.Addr{}, false
		}
		return plain(addr), true
	}
	host, port, found := strings.Cut(entry, ":")
	addr, err := netip.ParseAddr(host)
	if !found || err != nil || !addr.Is4() || !isPort(":"+port) {
		return netip.Addr{}, false
	}
	return addr, true
}

// isPort reads ":4711", and ":_hidden" as RFC 7239 section 6.3 has it.
func isPort(s string) bool {
	digits, ok := strings.CutPrefix(s, ":")
	if !ok || digits == "" || len(digits) > 64 {
		return false
	}
	if digits[0] == '_' {
		return true
	}
	return len(digits) <= 5 && !strings.ContainsFunc(digits, func(r rune) bool { return r < '0' || r > '9' })
}
