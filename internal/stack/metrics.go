package stack

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"example.com/identityd/internal/hydra"
	"example.com/identityd/internal/ory"
	"example.com/identityd/internal/sqlseam"
)

// metrics are those of one stack. The engines add theirs to the process-wide registry, where only the
// first stack of a process gets any (docs/ory-quirks.md#q9).
type metrics struct {
	registry   *prometheus.Registry
	perCall    *prometheus.HistogramVec
	failures   *prometheus.CounterVec
	events     *prometheus.CounterVec
	panics     prometheus.Counter
	turnedAway *prometheus.CounterVec
	lookups    prometheus.Counter
	refused    *prometheus.CounterVec
	janitor    janitorMetrics
	secrets    secretMetrics
	reloads    reloadMetrics
	declared   declaredMetrics
	counted    counted
	flows      flowMetrics
	http       *httpMetrics
	health     healthMetrics
	mail       *mailMetrics
}

func newMetrics(version string) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		perCall: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "identityd_sql_statements",
			Help:    "SQL statements that one request caused, by listener and by the part that answered.",
			Buckets: []float64{0, 1, 2, 4, 8, 16, 32, 64},
		}, []string{"listener", "part"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "identityd_sql_failed_requests_total",
			Help: "Requests that met a failure of the database itself, by listener and by the part that answered.",
		}, []string{"listener", "part"}),
		events: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "identityd_events_total",
			Help: "What the engines say happened, such as LoginSucceeded, by name.",
		}, []string{"name"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "identityd_outbound_refused_total",
			Help: "Calls to the outside, and answers to them, that outbound does not let through, by why.",
		}, []string{"kind"}),
		panics: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "identityd_panics_total", Help: "Requests that ended in a panic.",
		}),
		turnedAway: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "identityd_connections_refused_total",
			Help: "Connections that were refused because too many were open, of one client or of the listener.",
		}, []string{"listener", "reason"}),
	}
	m.lookups = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "identityd_breach_lookups_failed_total",
		Help: "New passwords that were checked offline alone, because the service of breached passwords did not answer.",
	})
	for outcome, count := range map[string]func(sqlseam.Statistics) uint64{
		"repeated":  func(s sqlseam.Statistics) uint64 { return s.Repeated },
		"recovered": func(s sqlseam.Statistics) uint64 { return s.Recovered },
		"abandoned": func(s sqlseam.Statistics) uint64 { return s.Abandoned },
	} {
		m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name:        "identityd_sql_repeats_total",
			Help:        "Statements of their own that met a conflict, by what became of them.",
			ConstLabels: prometheus.Labels{"outcome": outcome},
		}, func() float64 { return float64(count(sqlseam.Stats())) }))
	}
	for outcome, count := range map[string]func(sqlseam.Statistics) uint64{
		"repeated":  func(s sqlseam.Statistics) uint64 { return s.TxRepeated },
		"abandoned": func(s sqlseam.Statistics) uint64 { return s.TxAbandoned },
	} {
		m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name:        "identityd_tx_repeats_total",
			Help:        "Transactions of identityd's own that met a conflict: attempts beyond the first, and those given up.",
			ConstLabels: prometheus.Labels{"outcome": outcome},
		}, func() float64 { return float64(count(sqlseam.Stats())) }))
	}
	// The engines count the transactions that they run again, and register the counter nowhere.
	m.registry.MustRegister(ory.TransactionRetries())
	m.flows = newFlowMetrics(m.registry)
	m.http = newHTTPMetrics(m.registry)
	m.health = newHealthMetrics(m.registry)
	m.mail = newMailMetrics(m.registry)
	m.reloads = newReloadMetrics(m.registry)
	m.declared = newDeclaredMetrics(m.registry)
	m.registry.MustRegister(m.perCall, m.failures, m.events, m.panics, m.refused, m.turnedAway, m.lookups, buildInfo(version))
	return m
}

// event counts one. The names are constants of the engines.
func (m *metrics) event(name string) { m.events.WithLabelValues(name).Inc() }

// watch adds what the engines count.
func (m *metrics) watch(engines func() *pair) {
	m.jsonnet(func() int64 { return m.counted.all().abandoned })
	m.verified(func() hydra.SecretStats {
		all := m.counted.all().secrets
		all.Remembered = engines().hydra.Secrets().Remembered
		return all
	})
	m.ceilings(map[string]func() ory.CeilingStats{
		hydraName:  func() ory.CeilingStats { return stateOf(engines().hydra.Hashing(), m.counted.all().hydra) },
		kratosName: func() ory.CeilingStats { return stateOf(engines().kratos.Hashing(), m.counted.all().kratos) },
	})
}

func (m *metrics) jsonnet(abandoned func() int64) {
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "identityd_jsonnet_abandoned_total",
		Help: "Jsonnet evaluations that exceeded their deadline.",
	}, func() float64 { return float64(abandoned()) }))
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(
		prometheus.Gatherers{m.registry, prometheus.DefaultGatherer}, promhttp.HandlerOpts{},
	)
}
