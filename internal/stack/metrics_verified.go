package stack

import (
	"github.com/prometheus/client_golang/prometheus"

	"example.com/identityd/internal/hydra"
)

// verified counts how often the secret of a client was known to match, and how often it was hashed to see.
func (m *metrics) verified(get func() hydra.SecretStats) {
	for outcome, count := range map[string]func(hydra.SecretStats) uint64{
		"hit":  func(s hydra.SecretStats) uint64 { return s.Hits },
		"miss": func(s hydra.SecretStats) uint64 { return s.Misses },
	} {
		m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name:        "identityd_client_secrets_total",
			Help:        "Secrets of clients that were tried: hit where the match was remembered, miss where the secret was hashed.",
			ConstLabels: prometheus.Labels{"outcome": outcome},
		}, func() float64 { return float64(count(get())) }))
	}
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "identityd_client_secrets_remembered", Help: "Matches of a client's secret and its stored hash that this process remembers.",
	}, func() float64 { return float64(get().Remembered) }))
}
