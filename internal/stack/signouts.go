package stack

import (
	"net/http"
	"net/url"

	"github.com/prometheus/client_golang/prometheus"

	"example.com/identityd/internal/signout"
	"example.com/identityd/internal/store"
)

// signouts is the queue of what the end of a session still has to bring about. Its rows are in the
// database of Kratos, where everything of ours is; a database in memory has no tables of ours.
func (s *Stack) signouts(t turns, d store.Dialect) *signout.Queue {
	cfg := signout.Config{Log: s.log.With("component", "signout"), Rows: &signout.Memory{}}
	if t.db != nil {
		cfg.Rows = store.NewSignouts(t.db, d)
	}
	return signout.New(cfg)
}

// leave is the page that opens the addresses of applications that sign out in the browser. Before the
// pages are built nobody can sign out.
func (s *Stack) leave(to string, frames []string) string {
	if pages := s.leaving.Load(); pages != nil {
		return pages.Leaving(to, frames)
	}
	return to
}

// formPost is the page that carries the answer to an authorization request to an application.
func (s *Stack) formPost(w http.ResponseWriter, r *http.Request, action string, fields url.Values) {
	if pages := s.leaving.Load(); pages != nil {
		pages.FormPost(w, r, action, fields)
	}
}

// signouts counts what applications were told.
func (m *metrics) signouts(q *signout.Queue) {
	counter := func(name, help string, count func(signout.Stats) uint64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "identityd_logout_" + name, Help: help},
			func() float64 { return float64(count(q.Stats())) })
	}
	m.registry.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "identityd_logout_messages_waiting",
			Help: "Back-channel logout messages that wait to be sent, in the whole installation.",
		}, func() float64 { return float64(q.Stats().Waiting) }),
		counter("messages_sent_total", "Back-channel logout messages that an application took.",
			func(s signout.Stats) uint64 { return s.Sent }),
		counter("attempts_failed_total", "Attempts at a back-channel logout message that failed.",
			func(s signout.Stats) uint64 { return s.Failed }),
		counter("messages_given_up_total", "Back-channel logout messages that were given up after a day of attempts.",
			func(s signout.Stats) uint64 { return s.GivenUp }),
	)
}
