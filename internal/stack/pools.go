package stack

import (
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// watchPools adds the pools of connections: how many are open, in use and idle, and how often and how long
// somebody waited for one (go_sql_*, by db_name).
func (m *metrics) watchPools(e engines) {
	m.registry.MustRegister(
		collectors.NewDBStatsCollector(e.hydra.DB(), "hydra"),
		collectors.NewDBStatsCollector(e.kratos.DB(), "kratos"),
	)
	if e.turns.db != nil {
		m.registry.MustRegister(collectors.NewDBStatsCollector(e.turns.db, "identityd"))
	}
}
