package doctor

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"

	"example.com/identityd/internal/config"
)

// ownNames asks the name server for the hosts of our addresses.
func ownNames() Check {
	return Check{
		Area: Addresses, Name: "names", Tells: "the name server knows the hosts of the addresses", Words: []string{"origin", "urls"}, Needs: NeedsNetwork,
		Run: func(ctx context.Context, s *Subject) []Finding {
			var out []Finding
			seen := map[string]bool{}
			for _, p := range s.publics() {
				if host := p.host(); !seen[host] && !isLocal(host) && net.ParseIP(host) == nil {
					seen[host] = true
					out = append(out, s.lookUp(ctx, p)...)
				}
			}
			return out
		},
	}
}

func (s *Subject) lookUp(ctx context.Context, p public) []Finding {
	list, err := s.Net.resolver().LookupHost(ctx, p.host())
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return []Finding{Faultf("%s: the name %s is not found", p.word, p.host()).
			Cured("publish it (A and AAAA), or let this machine ask the name server that knows it")}
	case err != nil:
		return []Finding{Warningf("%s: the name server does not answer for %s", p.word, p.host()).Cured("look at /etc/resolv.conf")}
	}
	slices.Sort(list)
	out := []Finding{Okf("%s is %s", p.host(), strings.Join(list, ", "))}
	// Of this machine only: behind a proxy the families are the proxy's matter.
	four, six := s.families(p.listener)
	for _, one := range list {
		ip := net.ParseIP(one)
		if ip == nil || !ownAddress(ip) || ip.To4() != nil && four || ip.To4() == nil && six {
			continue
		}
		out = append(out, Warningf("%s: %s has the address %s of this machine, at which listen.%s does not listen", p.word, p.host(), one, p.listener).
			Cured("write a port alone, as in \":3000\", for all addresses, or take the record away"))
	}
	return out
}

// families says whether a listener takes connections by IPv4 and by IPv6.
func (s *Subject) families(listener string) (four, six bool) {
	a, ok := s.listen(listener)
	ip := net.ParseIP(a.Host())
	switch {
	case !ok || a.Off() || a.Network() == "unix":
		return true, true // a proxy is in front of it
	case ip == nil:
		return true, true // all addresses, or a name
	case ip.IsUnspecified():
		return true, ip.To4() == nil
	}
	return ip.To4() != nil, ip.To4() == nil
}

// listen is the address of a listener.
func (s *Subject) listen(name string) (config.Address, bool) {
	l := s.Config.Listen
	a, ok := map[string]config.Address{
		"gateway": l.Gateway, "ui": l.UI, "hydra_public": l.HydraPublic, "kratos_public": l.KratosPublic,
		"hydra_admin": l.HydraAdmin, "kratos_admin": l.KratosAdmin, "ops": l.Ops,
	}[name]
	return a, ok
}

func ownAddress(ip net.IP) bool {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	return slices.ContainsFunc(all, func(a net.Addr) bool {
		n, ok := a.(*net.IPNet)
		return ok && n.IP.Equal(ip)
	})
}
