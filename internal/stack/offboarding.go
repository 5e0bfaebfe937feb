package stack

import (
	"context"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"example.com/identityd/internal/audit"
	"example.com/identityd/internal/hooks"
	"example.com/identityd/internal/offboard"
	"example.com/identityd/internal/store"
)

// offboarding is the queue of people whose access ends. Its rows are in the database of Kratos, where access is taken
// away; a database in memory has no tables of ours.
func (s *Stack) offboarding(t turns, d store.Dialect, h *hooks.Hooks) *offboard.Queue {
	cfg := offboard.Config{Log: s.log.With("component", "offboarding"), Rows: &offboard.Memory{}}
	cfg.After = func(ctx context.Context, o offboard.Order, e offboard.Ended) error {
		s.noteOffboarding(ctx, o, e)
		return tellOffboarding(ctx, h, o)
	}
	if t.db != nil {
		cfg.Rows = store.NewOffboarding(t.db, d)
	}
	return offboard.New(cfg)
}

// noteOffboarding puts on record what was ended.
func (s *Stack) noteOffboarding(ctx context.Context, o offboard.Order, e offboard.Ended) {
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	s.trail.Load().Hold(ctx, audit.Event{Kind: audit.AccessEnded, Subject: o.Identity, Details: map[string]string{
		"reason": o.Reason, "sessions": number(e.Sessions), "logins": number(e.Logins), "consents": number(e.Consents),
		"refresh_tokens": number(e.Refresh), "access_tokens": number(e.Access), "codes": number(e.Codes + e.Pending),
	}})
}

// ofKratos and ofHydra are what the queue asks of the engines, whichever they are at the moment.
type (
	ofKratos struct{ *Stack }
	ofHydra  struct{ *Stack }
)

// EndAccess implements offboard.Kratos.
func (f ofKratos) EndAccess(ctx context.Context, person, keep string, before time.Time) (out offboard.Ended, err error) {
	err = f.with(func(p *pair) (err error) { out, err = p.kratos.EndAccess(ctx, person, keep, before); return err })
	return out, err
}

// Active implements offboard.Kratos.
func (f ofKratos) Active(ctx context.Context, person string) (active bool, err error) {
	err = f.with(func(p *pair) (err error) { active, err = p.kratos.Active(ctx, person); return err })
	return active, err
}

// EndAccess implements offboard.Hydra.
func (f ofHydra) EndAccess(ctx context.Context, person string, before time.Time) (out offboard.Ended, err error) {
	err = f.with(func(p *pair) (err error) { out, err = p.hydra.EndAccess(ctx, person, before); return err })
	return out, err
}

// offboarding counts what is carried out.
func (m *metrics) offboarding(q *offboard.Queue) {
	m.registry.MustRegister(
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "identityd_offboarding_done_total",
			Help: "People whose access this process ended.",
		}, func() float64 { return float64(q.Stats().Done) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "identityd_offboarding_failed_total",
			Help: "Attempts to end the access of a person that failed. They are made again.",
		}, func() float64 { return float64(q.Stats().Failed) }),
	)
}
