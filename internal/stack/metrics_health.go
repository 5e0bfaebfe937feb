package stack

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// healthEvery is how often this process asks itself whether it is ready, at most: both databases are asked for a
// sign of life then.
const healthEvery = 15 * time.Second

// healthMetrics say what /health/ready would, without asking anybody when they are read.
type healthMetrics struct {
	ready     prometheus.Gauge
	databases *prometheus.GaugeVec
}

func newHealthMetrics(r prometheus.Registerer) healthMetrics {
	m := healthMetrics{
		ready: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "identityd_ready", Help: "1 while this process wants traffic, as /health/ready says; looked at every 15 seconds.",
		}),
		databases: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "identityd_database_up", Help: "1 while the database of an engine answers this process; looked at every 15 seconds.",
		}, []string{"database"}),
	}
	r.MustRegister(m.ready, m.databases)
	return m
}

func (m healthMetrics) set(problems map[string]string) {
	flag := map[bool]float64{true: 1}
	m.ready.Set(flag[len(problems) == 0])
	for _, name := range []string{hydraName, kratosName} {
		_, down := problems[name+"_database"]
		m.databases.WithLabelValues(name).Set(flag[!down])
	}
}

// watchHealth looks until ctx ends. Each check has a bound of its own.
func (s *Stack) watchHealth(ctx context.Context) {
	tick := time.NewTicker(healthEvery)
	defer tick.Stop()
	for {
		if problems := s.readiness.Status(ctx); ctx.Err() == nil {
			s.metrics.health.set(problems)
		}
		select {
		case <-ctx.Done():
			s.metrics.health.ready.Set(0)
			return
		case <-tick.C:
		}
	}
}
