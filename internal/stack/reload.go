package stack

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"github.com/prometheus/client_golang/prometheus"

	"example.com/identityd/internal/adminguard"
	"example.com/identityd/internal/audit"
	"example.com/identityd/internal/config"
	"example.com/identityd/internal/logging"
	"example.com/identityd/internal/reload"
)

// reloading watches the files of the configuration, where the options say how to read it again. A signal
// (SIGHUP) asks for a look at once.
func (s *Stack) reloading(ctx context.Context) error {
	if s.opts.Reload == nil {
		<-ctx.Done()
		return nil
	}
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	asked := make(chan struct{})
	stop := s.aside(ctx, func(ctx context.Context) {
		for {
			select {
			case <-ctx.Done():
				return
			case <-hangups:
			}
			select {
			case <-ctx.Done():
				return
			case asked <- struct{}{}:
			}
		}
	})
	defer stop()
	return reload.New(s.cfg, reload.Config[config.Config]{
		Log: s.log, Load: s.opts.Reload,
		Fingerprints: config.Config.Fingerprints, Files: config.Config.Files, Digest: config.Digest,
		Targets: s.targets(), Hangups: asked,
		Failed: s.metrics.reloads.failures.Inc,
		Waiting: func(words int) {
			if words == 0 { // a change that was taken back is told nobody else
				s.inner.wait(nil)
			}
			s.metrics.reloads.waiting.Set(map[bool]float64{true: 1}[words > 0])
		},
		Changed: s.noteReloaded,
	}).Run(ctx)
}

// targets are the words that change without a restart. A part that can do so adds a row.
func (s *Stack) targets() []reload.Target[config.Config] {
	out := []reload.Target[config.Config]{
		{Words: []string{"admin.token_file"}, Prepare: s.prepareTokens},
		// Each pair looks at its own files (internal/certs).
		{Words: []string{"tls."}, Prepare: func(c config.Config) (func(), error) {
			if c.TLS != s.cfg.TLS {
				return nil, reload.ErrRestart
			}
			return func() {}, nil
		}},
	}
	if s.opts.Level != nil {
		out = append(out, reload.Target[config.Config]{Words: []string{"logging.level"}, Prepare: s.prepareLevel})
	}
	return out
}

func (s *Stack) prepareLevel(c config.Config) (func(), error) {
	level, err := logging.ParseLevel(string(c.Logging.Level))
	if err != nil {
		return nil, fmt.Errorf("logging.level: %w", err)
	}
	return func() { s.opts.Level.Set(level) }, nil
}

// prepareTokens reads the file that is named now. To begin or to cease to ask for tokens is a matter of a
// restart: the rules of the listeners hang on it.
func (s *Stack) prepareTokens(c config.Config) (func(), error) {
	if s.doors.tokens == nil || c.Admin.TokenFile == "" {
		return nil, reload.ErrRestart
	}
	next, err := adminguard.Open(c.Admin.TokenFile)
	if err != nil {
		return nil, fmt.Errorf("admin.token_file: %w", err)
	}
	return func() { s.doors.tokens.Become(next) }, nil
}

// noteReloaded puts a change on record, by the names of its words.
func (s *Stack) noteReloaded(ctx context.Context, applied, waiting []string) {
	s.inner.wait(waiting)
	t := s.trail.Load()
	if t == nil {
		return
	}
	const most = 20 // names: more is another file
	short := func(words []string) string {
		if len(words) > most {
			return strings.Join(words[:most], " ") + " and " + strconv.Itoa(len(words)-most) + " more"
		}
		return strings.Join(words, " ")
	}
	err := t.Note(ctx, audit.Event{
		Kind: audit.ConfigChanged, Actor: audit.ActorSystem,
		Details: map[string]string{"applied": short(applied), "waiting": short(waiting)},
	})
	if err != nil {
		s.log.WarnContext(ctx, "a change of the configuration is not on record", "err", err)
	}
}

// reloadMetrics say what became of changed files.
type reloadMetrics struct {
	failures prometheus.Counter
	waiting  prometheus.Gauge
}

func newReloadMetrics(r prometheus.Registerer) reloadMetrics {
	m := reloadMetrics{
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "identityd_config_reload_failures_total",
			Help: "Changed configurations that could not be used; the one before stays in force.",
		}),
		waiting: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "identityd_config_restart_needed",
			Help: "1 while the file says something that takes effect after a restart only.",
		}),
	}
	r.MustRegister(m.failures, m.waiting)
	return m
}
