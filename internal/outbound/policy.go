package outbound

import (
	"log/slog"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// Rule is one entry of what may be called although its address is private.
type Rule struct {
	// Host is an exact name in lower case. It admits private addresses, whatever the name resolves to; not
	// those of metadata services, nor what is reserved.
	Host string
	// Prefix is a network or one address. It admits everything in it.
	Prefix netip.Prefix
	// Port is the only one; 0 is any.
	Port uint16
}

// Config says what may be called.
type Config struct {
	// Private admits loopback, private and shared address space.
	Private bool
	// Allow lists what else may be called.
	Allow []Rule
	// Proxy is the forward proxy for everything but what Allow names; nil without one. Its own address is the
	// operator's, and not judged.
	Proxy *url.URL
	// None refuses everything, before a name is looked up.
	None bool
	// Own are the listeners of this process. Nothing admits them: the engines' guard knows loopback as a whole
	// (docs/ory-quirks.md#q93).
	Own []netip.AddrPort
	// Timeout bounds an exchange from the lookup of the name to the last byte of the answer. 0: 10 seconds.
	Timeout time.Duration
	// Log gets the details that no caller may see.
	Log *slog.Logger
	// Refused is told of each refusal; nil is allowed.
	Refused func(Kind)
	// Unguarded admits everything and bounds no answer. Tests show with it what would happen; no setting
	// reaches it.
	Unguarded bool
}

// Policy is a Config that counts.
type Policy struct {
	cfg Config
	*counts
}

type counts struct{ dials, refused atomic.Uint64 }

// New returns the policy of a process.
func New(cfg Config) *Policy {
	if cfg.Timeout == 0 {
		cfg.Timeout = 10 * time.Second
	}
	return &Policy{cfg: cfg, counts: &counts{}}
}

// For returns the same policy for one receiver that the operator named, which may be at a private address. Behind a
// proxy nothing is added: what goes past it is listed. Its failures are for the caller to tell.
func (p *Policy) For(host string, port uint16) *Policy {
	out := &Policy{cfg: p.cfg, counts: p.counts}
	out.cfg.Log = slog.New(slog.DiscardHandler)
	if p.cfg.Proxy == nil {
		out.cfg.Allow = append(slices.Clone(p.cfg.Allow), Rule{Host: strings.ToLower(host), Port: port})
	}
	return out
}

// Dials returns how many connections were attempted that the policy admitted.
func (p *Policy) Dials() uint64 { return p.dials.Load() }

// Refusals returns how many calls and answers were refused.
func (p *Policy) Refusals() uint64 { return p.refused.Load() }

// judge says why an address may not be called, or nothing. The host is what it was resolved from.
func (p *Policy) judge(host string, to netip.AddrPort) Kind {
	if p.cfg.Unguarded {
		return ""
	}
	addr := plain(to.Addr())
	at := netip.AddrPortFrom(addr, to.Port())
	class := classify(addr)
	switch {
	case p.own(at):
		return OwnListener
	case p.allowsAddress(at), class == "":
		return ""
	case class == Private && (p.cfg.Private || p.allowsHost(host, to.Port())):
		return ""
	}
	return class
}

func (p *Policy) allowsAddress(at netip.AddrPort) bool {
	for _, r := range p.cfg.Allow {
		if r.Host == "" && r.Prefix.Contains(at.Addr()) && (r.Port == 0 || r.Port == at.Port()) {
			return true
		}
	}
	return false
}

func (p *Policy) allowsHost(host string, port uint16) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	for _, r := range p.cfg.Allow {
		if r.Host != "" && r.Host == host && (r.Port == 0 || r.Port == port) {
			return true
		}
	}
	return false
}
