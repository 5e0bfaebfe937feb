package stack

import (
	"runtime"

	"github.com/prometheus/client_golang/prometheus"

	"example.com/identityd/internal/heap"
	"example.com/identityd/internal/kratos"
	"example.com/identityd/internal/ory"
)

// hashes is what hashing passwords may take: three quarters of the cores, so that a flood of sign-ins leaves
// one for everything else, and a quarter of the memory where that is bounded.
func hashes(configured int) kratos.Hashes {
	cores := configured
	if cores == 0 {
		cores = max(runtime.GOMAXPROCS(0)*3/4, 1)
	}
	return kratos.Hashes{Cores: cores, Memory: heap.Granted() / 4}
}

// ceilings counts hashes.
func (m *metrics) ceilings(stats map[string]func() ory.CeilingStats) {
	for engine, get := range stats {
		labels := prometheus.Labels{"engine": engine}
		gauge := func(name, help string, value func(ory.CeilingStats) int) prometheus.Collector {
			return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "identityd_hashes_" + name, Help: help, ConstLabels: labels},
				func() float64 { return float64(value(get())) })
		}
		m.registry.MustRegister(
			gauge("ceiling", "Passwords or client secrets that may be hashed at once.", func(s ory.CeilingStats) int { return s.Slots }),
			gauge("running", "Passwords or client secrets that are being hashed.", func(s ory.CeilingStats) int { return s.Running }),
			gauge("waiting", "Passwords or client secrets that wait to be hashed.", func(s ory.CeilingStats) int { return s.Waiting }),
			prometheus.NewCounterFunc(prometheus.CounterOpts{
				Name: "identityd_hashes_total", Help: "Passwords or client secrets that were hashed.", ConstLabels: labels,
			}, func() float64 { return float64(get().Hashes) }),
			prometheus.NewCounterFunc(prometheus.CounterOpts{
				Name: "identityd_hashes_turned_away_total", ConstLabels: labels,
				Help: "Requests answered 503 because too many passwords were waiting to be hashed.",
			}, func() float64 { return float64(get().Turned) }),
		)
	}
}
