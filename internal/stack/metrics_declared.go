package stack

import (
	"github.com/prometheus/client_golang/prometheus"

	"example.com/identityd/internal/declare"
)

// declaredMetrics say what is not as the file says.
type declaredMetrics struct {
	pending  *prometheus.GaugeVec
	failures prometheus.Counter
}

func newDeclaredMetrics(r prometheus.Registerer) declaredMetrics {
	m := declaredMetrics{
		pending: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "identityd_declared_pending",
			Help: "Declared clients and identities that are not as the file says, at the latest look, by why: drift was changed by other means, held_back waits for identityd apply.",
		}, []string{"kind", "reason"}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "identityd_declared_failures_total",
			Help: "Times that a changed file could not be taken into force; it is tried again.",
		}),
	}
	r.MustRegister(m.pending, m.failures)
	m.set(nil)
	return m
}

func (m declaredMetrics) failed() { m.failures.Inc() }

func (m declaredMetrics) set(actions []declare.Action) {
	for _, kind := range []declare.Kind{declare.KindClient, declare.KindIdentity} {
		drift, held := 0, 0
		for _, a := range actions {
			switch {
			case a.Kind != kind:
			case a.Drift:
				drift++
			case a.HeldBack:
				held++
			}
		}
		m.pending.WithLabelValues(string(kind), "drift").Set(float64(drift))
		m.pending.WithLabelValues(string(kind), "held_back").Set(float64(held))
	}
}
