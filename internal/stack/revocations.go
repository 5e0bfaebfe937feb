package stack

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"example.com/identityd/internal/revoke"
	"example.com/identityd/internal/store"
)

// revocations is the queue of what Hydra could not revoke. Its rows are in the database of Kratos,
// where everything of ours is; for one in memory, which has no tables of ours, it is the memory alone.
func (s *Stack) revocations(t turns, d store.Dialect, do func(context.Context, string) error) *revoke.Queue {
	cfg := revoke.Config{Log: s.log.With("component", "revocations"), Revoke: do}
	if t.db != nil {
		cfg.Rows = store.NewRevocations(t.db, d)
	}
	return revoke.New(cfg)
}

// revocations counts what is queued and done.
func (m *metrics) revocations(q *revoke.Queue) {
	m.registry.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "identityd_revocations_waiting",
			Help: "Families of reused tokens that this process still has to revoke.",
		}, func() float64 { return float64(q.Stats().Waiting) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "identityd_revocations_queued_total",
			Help: "Families of reused tokens that could not be revoked at once.",
		}, func() float64 { return float64(q.Stats().Added) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "identityd_revocations_done_total",
			Help: "Queued revocations that were done since, those of other processes included.",
		}, func() float64 { return float64(q.Stats().Done) }),
	)
}
