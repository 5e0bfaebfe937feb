package stack

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"example.com/identityd/internal/sealing"
)

// secretMetrics are what the database knows of the secrets of this process, whichever process counted.
type secretMetrics struct {
	mu   sync.Mutex
	rows map[[2]string]sealing.Row
	list []sealing.Secret
}

func (m *secretMetrics) set(rows map[[2]string]sealing.Row) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.rows = rows
}

// serveWith says which secrets are in force.
func (m *secretMetrics) serveWith(list []sealing.Secret) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.list = list
}

// watchSecrets adds how old the oldest secret is that something would be lost with.
func (m *metrics) watchSecrets() {
	kind := []string{"kind"}
	oldest := prometheus.NewDesc("identityd_secret_oldest_in_use_seconds",
		"Age of the oldest secret that still seals or opens something, by kind. One without a date counts from when it was first seen.", kind, nil)
	retired := prometheus.NewDesc("identityd_secret_retired_rows",
		"Rows of the databases that only a secret behind the first opens, at the latest count.", kind, nil)
	m.registry.MustRegister(collector(func(out chan<- prometheus.Metric) {
		m.secrets.mu.Lock()
		defer m.secrets.mu.Unlock()
		if m.secrets.rows == nil {
			return // nothing is known yet
		}
		now := time.Now()
		age, rows, seen := map[string]float64{}, map[string]int64{}, map[string]bool{}
		for _, s := range m.secrets.list {
			row := m.secrets.rows[[2]string{s.Kind, s.Fingerprint}]
			made := s.Made
			if made.IsZero() {
				made = row.First
			}
			// What was not counted yet is taken for needed.
			needed := !seen[s.Kind] || row.Counted.IsZero() || row.Rows > 0 || row.Until.After(now)
			if needed && !made.IsZero() {
				age[s.Kind] = max(age[s.Kind], now.Sub(made).Seconds())
			}
			if seen[s.Kind] {
				rows[s.Kind] += row.Rows
			}
			seen[s.Kind] = true
		}
		for k := range seen {
			out <- prometheus.MustNewConstMetric(oldest, prometheus.GaugeValue, age[k], k)
			out <- prometheus.MustNewConstMetric(retired, prometheus.GaugeValue, float64(rows[k]), k)
		}
	}))
}
