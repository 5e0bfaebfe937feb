package stack

import (
	"github.com/prometheus/client_golang/prometheus"

	"example.com/identityd/internal/throttle"
)

// throttle counts what was counted.
func (m *metrics) throttle(now func() *throttling) {
	if now().limiter == nil {
		return
	}
	counter := func(name, help string, labels prometheus.Labels, value func(throttle.Stats) uint64) {
		m.registry.MustRegister(prometheus.NewCounterFunc(
			prometheus.CounterOpts{Name: "identityd_throttle_" + name, Help: help, ConstLabels: labels},
			func() float64 {
				if l := now().limiter; l != nil {
					return float64(value(l.Stats()))
				}
				return 0
			},
		))
	}
	for _, kind := range []throttle.Kind{throttle.Login, throttle.Mail, throttle.Form, throttle.Client} {
		labels := prometheus.Labels{"kind": string(kind)}
		counter("refused_total", "Attempts answered 429, by kind.", labels, func(s throttle.Stats) uint64 { return s.Refused[kind] })
		counter("failed_total", "Attempts that failed and count, by kind.", labels, func(s throttle.Stats) uint64 { return s.Failed[kind] })
	}
	counter("statements_total", "Operations on the table that the processes of a region share.", nil, func(s throttle.Stats) uint64 { return s.Asked })
	counter("failures_total", "Operations on that table that failed.", nil, func(s throttle.Stats) uint64 { return s.Broken })
	counter("skipped_total", "Operations on that table that were left out because one had just failed.", nil,
		func(s throttle.Stats) uint64 { return s.Skipped })
	counter("unwritten_total", "Counts that stay in this process, so that the number of rows is bounded.", nil,
		func(s throttle.Stats) uint64 { return s.Unwritten })
}
