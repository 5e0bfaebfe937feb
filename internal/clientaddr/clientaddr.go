package clientaddr

import (
	"context"
	"net/netip"
)

// What a limit is kept by: a whole IPv4 address, and of IPv6 the network that one customer is given.
const (
	bits4 = 32
	bits6 = 64
)

type key struct{}

// With returns a context that carries the address, for work that leaves its request's context.
func With(ctx context.Context, addr netip.Addr) context.Context {
	return context.WithValue(ctx, key{}, addr)
}

// From returns the address of the person or program at the other end. It is the zero Addr where that is
// not known: behind a socket that no trusted proxy uses, and outside of requests.
func From(ctx context.Context) netip.Addr {
	addr, _ := ctx.Value(key{}).(netip.Addr)
	return addr
}

// Prefix returns what limits are kept by: one IPv4 address, or one /64 of IPv6, whose addresses are all
// at the command of one customer. The zero Addr has the zero Prefix.
func Prefix(addr netip.Addr) netip.Prefix {
	addr = plain(addr)
	bits := bits6
	if addr.Is4() {
		bits = bits4
	}
	p, err := addr.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}

// plain takes away what makes one address look like two.
func plain(addr netip.Addr) netip.Addr { return addr.Unmap().WithZone("") }
