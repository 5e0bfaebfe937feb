package stack

import (
	"database/sql"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// watchPools adds the pools of connections: how many are open, in use and idle, and how often and how long
// somebody waited for one (go_sql_*, by db_name).
func (m *metrics) watchPools(pools func() map[string]*sql.DB) {
	m.registry.MustRegister(collector(func(out chan<- prometheus.Metric) {
		for name, db := range pools() {
			collectors.NewDBStatsCollector(db, name).Collect(out)
		}
	}))
}

// pools are those of the engines of now, and our own.
func (s *Stack) pools() map[string]*sql.DB {
	p := s.current()
	out := map[string]*sql.DB{hydraName: p.hydra.DB(), kratosName: p.kratos.DB()}
	if p.turns.db != nil {
		out["identityd"] = p.turns.db
	}
	return out
}
