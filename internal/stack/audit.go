package stack

import (
	"context"
	"net/http"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"example.com/identityd/internal/audit"
	"example.com/identityd/internal/config"
	"example.com/identityd/internal/ory"
	"example.com/identityd/internal/tally"
)

// watch hands on what the engines say. The trail is opened after the engines, which say nothing before they
// serve.
func (s *Stack) watch() ory.Watch {
	return ory.Watch{
		Counted: s.metrics.event,
		Wants: func(name string) bool {
			t := s.trail.Load()
			return t != nil && t.Wants(name)
		},
		Saw: func(ctx context.Context, name string, attrs map[string]string) {
			s.metrics.happened(ctx, func(r *tally.Request) { r.Event(name, attrs) })
			if t := s.trail.Load(); t != nil {
				t.Saw(ctx, name, attrs)
			}
		},
		Began: func(ctx context.Context, name string) {
			if tally.IsSpan(name) {
				s.metrics.happened(ctx, func(r *tally.Request) { r.Span(name) })
			}
		},
		Identified: func(ctx context.Context, identity string) { audit.SceneOf(ctx).Identify(identity) },
		Open:       s.traces.Open, Name: s.traceName,
	}
}

// newTrail is the trail of this process. A database in memory has no tables of ours: there it is the log.
func (s *Stack) newTrail(t turns) (*audit.Trail, error) {
	cfg := audit.Config{
		DB: t.db, Dialect: t.dialect, Log: s.log, Region: s.cfg.Region, Version: s.opts.Version,
		AllTokens: allTokens(s.cfg), Unchecked: s.opts.UnwrittenChanges,
	}
	cfg.Host, _ = os.Hostname()
	var err error
	if cfg.Wraps, err = s.keys.auditWraps(); err != nil {
		return nil, err
	}
	return audit.New(cfg), nil
}

// auditWraps are the keys that those of people are wrapped with. The secrets of Kratos' ciphers are for data
// at rest, and are rotated with the old ones kept.
func (k keys) auditWraps() ([][]byte, error) {
	var out [][]byte
	for _, secret := range k.cipher {
		w, err := audit.Wrap(secret)
		if err != nil {
			return nil, err
		}
		out = append(out, w)
	}
	return out, nil
}

// keepTrail anchors the trail and lets go of what is old enough.
func (s *Stack) keepTrail(ctx context.Context) {
	s.trail.Load().Keep(ctx, func() time.Duration { return s.now().cfg.Audit.Retention })
}

// allTokens reports whether every token is put on record.
func allTokens(c config.Config) bool { return c.Audit.Tokens == config.AuditAllTokens }

// maxAgent is above what browsers send.
const maxAgent = 300

func agent(r *http.Request) string {
	text := r.UserAgent()
	return text[:min(len(text), maxAgent)]
}

// audit counts what is written.
func (m *metrics) audit(t *audit.Trail) {
	counter := func(name, help string, count func(audit.Stats) uint64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "identityd_audit_" + name, Help: help},
			func() float64 { return float64(count(t.Stats())) })
	}
	m.registry.MustRegister(
		counter("records_total", "Records that this process wrote into the audit trail.",
			func(s audit.Stats) uint64 { return s.Written }),
		counter("lost_total", "Events that are in the log alone, because the audit trail could not be written for too long.",
			func(s audit.Stats) uint64 { return s.Lost }),
		counter("merged_total", "Events that are in the number of another record, because there were too many of their kind.",
			func(s audit.Stats) uint64 { return s.Flooded }),
		counter("failures_total", "Attempts to write into the audit trail that failed.",
			func(s audit.Stats) uint64 { return s.Failed }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "identityd_audit_waiting", Help: "Events that this process has still to write into the audit trail.",
		}, func() float64 { return float64(t.Stats().Waiting) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "identityd_audit_anchor_number", Help: "Number of the newest anchor of the audit trail that this process knows of.",
		}, func() float64 { return float64(t.Stats().Anchor) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "identityd_audit_anchor_timestamp_seconds", Help: "When it was made; 0 before the first.",
		}, func() float64 {
			if at := t.Stats().Anchored; !at.IsZero() {
				return float64(at.UnixMilli()) / 1000
			}
			return 0
		}),
	)
}
