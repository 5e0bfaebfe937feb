package stack

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// watchPools adds the pools of connections: how many are open, in use and idle, and how often and how long
// somebody waited for one (go_sql_*, by db_name).
func (m *metrics) watchPools(engines func() *pair) {
	m.registry.MustRegister(collector(func(out chan<- prometheus.Metric) {
		p := engines()
		collectors.NewDBStatsCollector(p.hydra.DB(), "hydra").Collect(out)
		collectors.NewDBStatsCollector(p.kratos.DB(), "kratos").Collect(out)
		if p.turns.db != nil {
			collectors.NewDBStatsCollector(p.turns.db, "identityd").Collect(out)
		}
	}))
}
