package stack

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"example.com/identityd/internal/janitor"
	"example.com/identityd/internal/store"
)

// collector makes metrics out of numbers that are kept elsewhere. It describes none of them before, as
// client_golang allows.
type collector func(chan<- prometheus.Metric)

// Describe implements prometheus.Collector.
func (collector) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (c collector) Collect(out chan<- prometheus.Metric) { c(out) }

// watchLeases adds what this process saw of each lease.
func (m *metrics) watchLeases(stats func() map[string]store.LeaseStats) {
	desc := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc("identityd_lease_"+name, help, []string{"lease"}, nil)
	}
	held := desc("held", "1 while this process holds the lease, else 0.")
	fence := desc("fence", "Number of the latest lease of this process.")
	acquired := desc("acquired_total", "How often this process acquired the lease.")
	renewals := desc("renewals_total", "Heartbeats that kept the lease.")
	lost := desc("lost_total", "How often this process lost the lease before it gave it back.")
	m.registry.MustRegister(collector(func(out chan<- prometheus.Metric) {
		all := stats()
		// Those of others are there too, as zeros: a rate that begins with 1 shows nothing.
		for _, name := range []string{leaseStart, leaseCourier, leaseRegions, leaseJanitor} {
			s := all[name]
			holding := 0.0
			if s.Held {
				holding = 1
			}
			out <- prometheus.MustNewConstMetric(held, prometheus.GaugeValue, holding, name)
			out <- prometheus.MustNewConstMetric(fence, prometheus.GaugeValue, float64(s.Fence), name)
			out <- prometheus.MustNewConstMetric(acquired, prometheus.CounterValue, float64(s.Acquired), name)
			out <- prometheus.MustNewConstMetric(renewals, prometheus.CounterValue, float64(s.Renewals), name)
			out <- prometheus.MustNewConstMetric(lost, prometheus.CounterValue, float64(s.Lost), name)
		}
	}))
}

// janitorMetrics are what the database knows of the janitor, whichever process it ran in.
type janitorMetrics struct {
	mu     sync.Mutex
	last   janitor.LastRun
	tables []janitor.TableStatus
}

func (m *janitorMetrics) set(last janitor.LastRun, tables []janitor.TableStatus) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.last, m.tables = last, tables
}

func (m *metrics) watchJanitor() {
	table := []string{"table"}
	backlog := prometheus.NewDesc("identityd_janitor_backlog_rows",
		"Rows to remove when the latest run came to the table, among the first ten thousand.", table, nil)
	removed := prometheus.NewDesc("identityd_janitor_removed_rows_total", "Rows removed by all processes ever.", table, nil)
	ended := prometheus.NewDesc("identityd_janitor_last_run_timestamp_seconds", "When the latest run ended.", nil, nil)
	took := prometheus.NewDesc("identityd_janitor_last_run_seconds", "How long the latest run took.", nil, nil)
	m.registry.MustRegister(collector(func(out chan<- prometheus.Metric) {
		m.janitor.mu.Lock()
		defer m.janitor.mu.Unlock()
		for _, t := range m.janitor.tables {
			out <- prometheus.MustNewConstMetric(backlog, prometheus.GaugeValue, float64(t.Backlog), t.Table)
			out <- prometheus.MustNewConstMetric(removed, prometheus.CounterValue, float64(t.RemovedEver), t.Table)
		}
		if last := m.janitor.last; !last.Ended.IsZero() {
			out <- prometheus.MustNewConstMetric(ended, prometheus.GaugeValue, float64(last.Ended.Unix()))
			if d := last.Ended.Sub(last.Began); d >= 0 { // below, another is running
				out <- prometheus.MustNewConstMetric(took, prometheus.GaugeValue, d.Seconds())
			}
		}
	}))
}
