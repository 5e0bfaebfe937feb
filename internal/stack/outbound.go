package stack

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"

	"github.com/prometheus/client_golang/prometheus"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/hydra"
	"example.com/identityd/internal/kratos"
	"example.com/identityd/internal/ory"
	"example.com/identityd/internal/outbound"
)

// openOutbound makes the policy of everything that this process calls.
func (s *Stack) openOutbound(ctx context.Context) error {
	dropped, err := ory.DropProxies()
	if err != nil {
		return err
	}
	if len(dropped) > 0 {
		s.log.WarnContext(ctx, "variables of the environment that name a proxy are ignored", "variables", dropped,
			"cure", "write outbound.proxy, and what is reached without it into outbound.allow")
	}
	o := s.cfg.Outbound
	if o.None {
		s.log.InfoContext(ctx, "nothing leaves but for the database and mail.smtp_url")
	}
	cfg := outbound.Config{
		Private: o.Private == config.PrivateAllow, Proxy: o.ProxyURL(), None: o.None,
		Own: own(s.listeners), Timeout: s.opts.OutboundTimeout, Unguarded: s.opts.AnyOutbound,
		Log: s.log, Refused: s.metrics.refusedOutbound,
	}
	for _, r := range o.Rules() {
		cfg.Allow = append(cfg.Allow, outbound.Rule(r))
	}
	s.outbound = outbound.New(cfg)
	// One for each engine, whichever pair it is of: connections outlive a reload.
	s.ways = map[string]http.RoundTripper{}
	for _, engine := range []string{hydraName, kratosName, breachName, hooksName} {
		s.ways[engine] = tracedWay{s, engine, s.outbound.Transport(engine)}
	}
	s.metrics.dials(func() float64 { return float64(s.outbound.Dials()) })
	return nil
}

// dials counts the connections to the outside.
func (m *metrics) dials(count func() float64) {
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "identityd_outbound_connections_total",
		Help: "Connections that were opened to the outside, without those to the database and the mail server.",
	}, count))
}

// Outbound is the way out for whatever in this process asks for none in particular: the default of net/http.
func (s *Stack) Outbound() http.RoundTripper { return s.outbound.Transport("process") }

// own are the addresses of the listeners, which nobody may be led to call from the inside.
func own(list []*listener) []netip.AddrPort {
	var out []netip.AddrPort
	for _, l := range list {
		for _, ln := range l.bound {
			// A unix socket cannot be called.
			if at, err := netip.ParseAddrPort(ln.Addr().String()); err == nil {
				out = append(out, at)
			}
		}
	}
	return out
}

// letOut gives the engines their way out. A migration has none, and needs none.
func (s *Stack) letOut(h *hydra.Config, k *kratos.Config) {
	if s.outbound == nil {
		return
	}
	if s.opts.AnyOutbound {
		k.Private = true
	}
	h.Outgoing, k.Outgoing = s.ways[hydraName], s.ways[kratosName]
}

// privateGlobs are the addresses of outbound.allow in the words of Kratos' own guard. It knows addresses of
// the web alone, so that networks are not among them.
func privateGlobs(o config.Outbound) []string {
	var out []string
	for _, r := range o.Rules() {
		if r.Host == "" {
			continue
		}
		for _, scheme := range []string{"http", "https"} {
			if r.Port == 0 {
				// Any port, by the number of its digits: Kratos wants each to be an address, which host:* is not.
				for _, port := range []string{"", ":??", ":???", ":????", ":?????"} {
					out = append(out, scheme+"://"+r.Host+port+"/**")
				}
			} else {
				out = append(out, fmt.Sprintf("%s://%s:%d/**", scheme, r.Host, r.Port))
			}
		}
	}
	return out
}

func (m *metrics) refusedOutbound(kind outbound.Kind) { m.refused.WithLabelValues(string(kind)).Inc() }
