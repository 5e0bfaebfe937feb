package doctor

import (
	"context"
	"net/http"
	"net/netip"
	"strings"
)

// ProbeHeader holds the word of a request that the running process is asked about afterwards.
const ProbeHeader = "X-Identityd-Probe"

// Probe lets the running process say how a request arrived.
type Probe struct {
	// Arm returns the word that the request has to carry.
	Arm func(context.Context) (string, error)
	// Seen says how it came; nil when it did not.
	Seen func(context.Context) (*Arrival, error)
}

// Arrival is how a request arrived.
type Arrival struct {
	// Peer is at the other end of the connection, Client is who is taken for the client.
	Peer   string `json:"peer"`
	Client string `json:"client"`
	// Trusted says that the peer is in proxy.trusted. A socket has none, and neither has who is not known.
	Trusted bool `json:"trusted"`
	// Headers are the names of those that a proxy adds.
	Headers []string `json:"headers"`
}

// forwarding sends a request the way that browsers go, and asks the running process whose address it saw.
func forwarding() Check {
	return Check{
		Area: Addresses, Name: "proxies", Tells: "the process sees whose request it is", Words: []string{"origin", "urls", "proxy"}, Needs: NeedsNetwork | NeedsProcess,
		Run: func(ctx context.Context, s *Subject) []Finding {
			us := s.issuer()
			if us == nil || s.Probe.Arm == nil {
				return []Finding{Skippedf("the process does not say")}
			}
			word, err := s.Probe.Arm(ctx)
			if err != nil {
				return []Finding{Skippedf("the process does not say: %v", err)}
			}
			if _, err := s.Net.ask(ctx, http.MethodGet, strings.TrimRight(us.raw, "/")+"/health/alive", http.Header{ProbeHeader: {word}}); err != nil {
				return []Finding{Skippedf("at %s %s", us.raw, unreached(err))}
			}
			seen, err := s.Probe.Seen(ctx)
			switch {
			case err != nil:
				return []Finding{Skippedf("the process does not say: %v", err)}
			case seen == nil:
				return []Finding{Skippedf("another process answers at %s", us.raw)}
			}
			return s.judgeArrival(*seen)
		},
	}
}

func (s *Subject) judgeArrival(a Arrival) []Finding {
	header := s.Config.Proxy.ClientIPHeader
	if header == "" {
		header = "X-Forwarded-For"
	}
	switch {
	case a.Peer == "" && !a.Trusted: // a unix socket
		return []Finding{Warningf("proxy.trusted: requests come by a socket, and nobody is trusted to say whose they are: limits cannot tell people apart").
			Cured("write proxy.trusted: [unix]")}
	case a.Peer == "" && a.Client == "":
		return []Finding{Warningf("proxy.trusted: the proxy at the socket does not say whose requests it passes on: limits cannot tell people apart").
			Cured("let it send %s; one that leaves TLS alone cannot", header)}
	case a.Peer == "":
		return []Finding{Okf("the proxy at the socket says whose requests it passes on")}
	case !a.Trusted && len(a.Headers) > 0:
		return []Finding{Warningf("proxy.trusted: requests come by a proxy at %s (it sends %s), which is not trusted: everybody has its address and shares its limits",
			a.Peer, strings.Join(a.Headers, ", ")).Cured("write proxy.trusted: [%s], or the network that only proxies are in", a.Peer)}
	case a.Trusted && a.Client == a.Peer && !ownText(a.Peer):
		return []Finding{Warningf("proxy.trusted: the proxy at %s does not say whose requests it passes on: everybody has its address and shares its limits", a.Peer).
			Cured("let it send %s", header)}
	case a.Trusted && len(a.Headers) > 0:
		return []Finding{Okf("the proxy at %s says whose requests it passes on", a.Peer)}
	}
	return nil
}

// ownText reports whether an address is of this machine, which asked.
func ownText(address string) bool {
	addr, err := netip.ParseAddr(address)
	return err == nil && (addr.IsLoopback() || ownAddress(addr.AsSlice()))
}
