package stack

import (
	"net"

	"github.com/prometheus/client_golang/prometheus"

	"example.com/identityd/internal/clientaddr"
	"example.com/identityd/internal/config"
	"example.com/identityd/internal/connlimit"
)

// limited puts the bounds on connections in front of a listener.
func (s *Stack) limited(l *listener, words config.Limits) []net.Listener {
	refused := map[connlimit.Reason]prometheus.Counter{}
	for _, reason := range []connlimit.Reason{connlimit.Client, connlimit.Listener} {
		refused[reason] = s.metrics.turnedAway.WithLabelValues(l.name, string(reason))
	}
	limit := connlimit.New(connlimit.Config{
		Most: words.Connections, MostPerClient: words.ConnectionsPerAddress,
		Key: clientaddr.Prefix, Exempt: s.clients.Proxy,
		Encrypted: s.certs.of(l.name) != nil,
		Refused:   func(reason connlimit.Reason) { refused[reason].Inc() },
	})
	s.metrics.connections(l.name, func() int { return int(limit.Open()) })
	s.limits = append(s.limits, limit)
	out := make([]net.Listener, 0, len(l.bound))
	for _, ln := range l.bound {
		out = append(out, limit.Listen(ln))
	}
	return out
}

// connections counts those of a listener.
func (m *metrics) connections(listener string, open func() int) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "identityd_connections", Help: "Connections that are open, by listener.", ConstLabels: prometheus.Labels{"listener": listener},
	}, func() float64 { return float64(open()) }))
}
