package stack

import (
	"context"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/hooks"
	"example.com/identityd/internal/middleware"
	"example.com/identityd/internal/reload"
	"example.com/identityd/internal/store"
)

// hooksName is that of the way out.
const hooksName = "hooks"

// newHooks makes what calls the receivers of the operator. Its messages are in the database of Kratos, where
// everything of ours is; a database in memory has no tables of ours.
func (s *Stack) newHooks(t turns, d store.Dialect, cfg config.Config) (*hooks.Hooks, error) {
	list, err := hooksOf(cfg)
	if err != nil {
		return nil, err
	}
	hc := hooks.Config{
		Log: s.log.With("component", hooksName), Rows: &hooks.Memory{}, Way: s.ways[hooksName], Agent: "identityd/" + s.opts.Version,
		Request: middleware.RequestIDFrom,
	}
	if t.db != nil {
		hc.Rows = store.NewHooks(t.db, d)
	}
	h := hooks.New(hc)
	h.Become(list)
	return h, nil
}

// hooksOf translates user words.
func hooksOf(cfg config.Config) ([]hooks.Hook, error) {
	out := make([]hooks.Hook, 0, len(cfg.Hooks))
	for i, h := range cfg.Hooks {
		keys, err := hooks.ParseSecrets(h.Secrets().Reveal())
		if err != nil { // the rules said so before
			return nil, fmt.Errorf("hooks[%d].secret_file: %w", i, err)
		}
		one := hooks.Hook{
			Name: h.Name, URL: h.URL, Keys: keys, Blocking: h.Blocking, Timeout: h.Timeout,
			Allow: h.OnFailure == config.HookAllow, Traits: h.Traits(),
		}
		for _, word := range h.On {
			one.On = append(one.On, hooks.Event(word))
		}
		out = append(out, one)
	}
	return out, nil
}

// prepareHooks has other receivers called from now on.
func (s *Stack) prepareHooks(_ context.Context, c config.Config, _ []string) (reload.Change, error) {
	list, err := hooksOf(c)
	if err != nil {
		return reload.Change{}, err
	}
	return reload.Change{Apply: func() { s.current().hooks.Become(list) }}, nil
}

// hooks counts what receivers were asked and told.
func (m *metrics) hooks(h *hooks.Hooks) {
	gauge := func(name, help string, of func(hooks.Stats) int) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "identityd_hook_" + name, Help: help},
			func() float64 { return float64(of(h.Stats())) })
	}
	counter := func(name, help string, of func(hooks.Stats) uint64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "identityd_hook_" + name, Help: help},
			func() float64 { return float64(of(h.Stats())) })
	}
	m.registry.MustRegister(
		gauge("messages_waiting", "Messages to receivers of hooks that wait to be sent, in the whole installation.",
			func(s hooks.Stats) int { return s.Waiting }),
		gauge("messages_dead", "Messages to receivers of hooks that were given up, in the whole installation.",
			func(s hooks.Stats) int { return s.Dead }),
		counter("messages_sent_total", "Messages that a receiver of a hook took.",
			func(s hooks.Stats) uint64 { return s.Sent }),
		counter("attempts_failed_total", "Attempts at a message to a receiver of a hook that failed.",
			func(s hooks.Stats) uint64 { return s.Failed }),
		counter("messages_given_up_total", "Messages that were given up after a day and a half of attempts.",
			func(s hooks.Stats) uint64 { return s.GivenUp }),
		counter("questions_total", "Questions to receivers of hooks whether something may happen.",
			func(s hooks.Stats) uint64 { return s.Asked }),
		counter("questions_refused_total", "Those that a receiver answered by no.",
			func(s hooks.Stats) uint64 { return s.Refused }),
		counter("questions_unanswered_total", "Those that a receiver did not answer, or not as it should.",
			func(s hooks.Stats) uint64 { return s.Unasked }),
	)
}
