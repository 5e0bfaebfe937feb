package stack

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"example.com/identityd/internal/kratos"
)

const (
	// mailEvery is how often the queue of mails is looked at, by the one process that sends.
	mailEvery = 15 * time.Second
	// mailStale is how long what was seen is told when the queue cannot be read.
	mailStale = 2 * time.Minute
	// mailMost is how many mails are counted.
	mailMost = 10_000
)

// The statuses of a mail (kratos: courier/message.go).
const (
	mailQueued    = 1
	mailSending   = 3
	mailAbandoned = 4
)

// mailMetrics are what waits to be sent, which the process tells that sends, and what came of what it sent.
type mailMetrics struct {
	outcomes *prometheus.CounterVec

	mu     sync.Mutex
	at     time.Time
	oldest time.Time
	states map[string]float64
	orders float64
}

func newMailMetrics(r prometheus.Registerer) *mailMetrics {
	m := &mailMetrics{outcomes: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "identityd_courier_mails_total",
		Help: "Mails by what came of them: sent, given_up, and failed for each attempt that failed.",
	}, []string{"outcome"})}
	for _, outcome := range []string{kratos.MailSent, kratos.MailFailed, kratos.MailGivenUp} {
		m.outcomes.WithLabelValues(outcome)
	}
	states := prometheus.NewDesc("identityd_courier_messages",
		"Mails of the whole installation that are queued, being sent or given up, among the first ten thousand. Told by the process that sends.",
		[]string{"state"}, nil)
	oldest := prometheus.NewDesc("identityd_courier_oldest_queued_seconds",
		"How long the oldest queued mail waits; 0 when none does. Told by the process that sends.", nil, nil)
	orders := prometheus.NewDesc("identityd_offboarding_waiting",
		"People whose access has to end and has not everywhere. Told by the process that sends mail.", nil, nil)
	r.MustRegister(m.outcomes, collector(func(out chan<- prometheus.Metric) {
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.at.IsZero() || time.Since(m.at) > mailStale {
			return
		}
		for state, n := range m.states {
			out <- prometheus.MustNewConstMetric(states, prometheus.GaugeValue, n, state)
		}
		age := 0.0
		if !m.oldest.IsZero() {
			age = max(time.Since(m.oldest).Seconds(), 0)
		}
		out <- prometheus.MustNewConstMetric(oldest, prometheus.GaugeValue, age)
		out <- prometheus.MustNewConstMetric(orders, prometheus.GaugeValue, m.orders)
	}))
	return m
}

// sent counts what came of a mail.
func (m *mailMetrics) sent(outcome string) { m.outcomes.WithLabelValues(outcome).Inc() }

func (m *mailMetrics) set(states map[string]float64, oldest time.Time, orders float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.at, m.states, m.oldest, m.orders = time.Now(), states, oldest, orders
}

// forget is for the process that does not send any longer.
func (m *mailMetrics) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.at = time.Time{}
}

// watchMail looks at the queues while this process is the one that sends. What fails is not told: the courier says so,
// once.
func (s *Stack) watchMail(ctx context.Context) {
	defer s.metrics.mail.forget()
	tick := time.NewTicker(mailEvery)
	defer tick.Stop()
	for {
		_ = s.with(func(p *pair) error {
			if p.turns.db == nil { // in memory, without tables of ours
				return s.metrics.mail.look(ctx, p.kratos.DB(), false)
			}
			return s.metrics.mail.look(ctx, p.turns.db, true)
		})
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// look reads how many mails there are in each state, by the index of the states, since when the oldest waits, and, where
// there are tables of ours, how many orders to end access are open.
func (m *mailMetrics) look(ctx context.Context, db *sql.DB, ours bool) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	states := map[string]float64{}
	for name, status := range map[string]int{"queued": mailQueued, "sending": mailSending, "abandoned": mailAbandoned} {
		var n int64
		err := db.QueryRowContext(ctx, "SELECT count(*) FROM (SELECT 1 FROM courier_messages WHERE status = $1 LIMIT $2) AS m", status, mailMost).Scan(&n)
		if err != nil {
			return err
		}
		states[name] = float64(n)
	}
	var oldest time.Time
	err := db.QueryRowContext(ctx, "SELECT created_at FROM courier_messages WHERE status = $1 ORDER BY created_at LIMIT 1", mailQueued).Scan(&oldest)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	var orders int64
	if ours {
		err = db.QueryRowContext(ctx, "SELECT count(*) FROM (SELECT 1 FROM identityd_offboarding WHERE done = 0 LIMIT $1) AS o", mailMost).Scan(&orders)
		if err != nil {
			return err
		}
	}
	m.set(states, oldest, float64(orders))
	return nil
}
