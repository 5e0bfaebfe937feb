package stack

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"example.com/identityd/internal/audit"
	"example.com/identityd/internal/config"
	"example.com/identityd/internal/control"
	"example.com/identityd/internal/reload"
)

// ReloadStatus is what became of a look at the configuration.
type ReloadStatus struct {
	At time.Time `json:"at"`
	// Applied are the words that this look put into force.
	Applied []string `json:"applied"`
	// Engines tells that a second pair of engines has taken the place of the first for it.
	Engines bool `json:"engines"`
	// Waiting are words that wait for a restart, those of earlier looks included.
	Waiting []reload.Wait `json:"waiting"`
	// Error is why nothing was applied; the configuration before stays in force.
	Error string `json:"error,omitempty"`
	// Before is the latest look that put something into force, where this one found nothing new: whoever asks may
	// come after the look that identityd made by itself.
	Before *ReloadStatus `json:"before,omitempty"`
}

func statusOf(r reload.Report, at time.Time) *ReloadStatus {
	out := &ReloadStatus{At: at.UTC(), Applied: r.Applied, Waiting: r.Waiting}
	if out.Applied == nil {
		out.Applied = []string{}
	}
	if out.Waiting == nil {
		out.Waiting = []reload.Wait{}
	}
	for _, word := range out.Applied {
		kind, _ := ReloadOf(word)
		out.Engines = out.Engines || kind == ReloadEngines
	}
	if r.Err != nil {
		out.Error = r.Err.Error()
	}
	return out
}

// took remembers what is in force now.
func (s *Stack) took(c config.Config) {
	p := s.current()
	set := p.settings // what is made of a configuration alone is the engines'
	set.cfg = c
	s.running.Store(&set)
}

// told counts a look that led to something, and puts it on record.
func (s *Stack) told(ctx context.Context, r reload.Report) {
	status := statusOf(r, time.Now())
	if r.Err != nil {
		s.metrics.reloads.failed()
		s.reloaded.Store(status)
		return
	}
	s.reloaded.Store(status)
	s.inner.wait(r.Waiting)
	s.metrics.reloads.looked(len(r.Applied), len(r.Waiting))
	if len(r.Applied)+len(r.Waiting) == 0 {
		return
	}
	s.noteReloaded(ctx, status)
	if len(r.Applied) > 0 {
		s.applied.Store(status)
		s.keepDigests(ctx)
	}
}

// serveReload asks for a look at once and answers with what became of it.
func (s *Stack) serveReload(w http.ResponseWriter, r *http.Request) {
	if s.opts.Reload == nil {
		control.Refuse(w, http.StatusNotImplemented, "This process watches no configuration.")
		return
	}
	if s.current() == nil {
		control.Refuse(w, http.StatusServiceUnavailable, "identityd is starting; it reads the configuration again once it is ready.")
		return
	}
	// A second pair of engines takes longer than other answers.
	controller := http.NewResponseController(w)
	_ = controller.SetWriteDeadline(time.Now().Add(reloadIn + time.Minute))
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), reloadIn)
	defer cancel()
	reply := make(chan reload.Report, 1)
	select {
	case s.asks <- reload.Ask{Reason: "a command asked for it", Reply: reply}:
	case <-ctx.Done():
		control.Refuse(w, http.StatusServiceUnavailable, "Another change is still being made; identityd status says what becomes of it.")
		return
	}
	select {
	case report := <-reply:
		status := statusOf(report, time.Now())
		if report.Err == nil && len(report.Applied) == 0 {
			status.Before = s.applied.Load()
		}
		control.JSON(w, status)
	case <-ctx.Done():
		control.Refuse(w, http.StatusServiceUnavailable, "The change takes longer than expected; identityd status says what becomes of it.")
	}
}

// reloadIn is how long a command waits.
const reloadIn = 3 * time.Minute

// noteReloaded puts a change on record, by the names of its words.
func (s *Stack) noteReloaded(ctx context.Context, r *ReloadStatus) {
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
	var waiting []string
	for _, w := range r.Waiting {
		waiting = append(waiting, w.Key)
	}
	err := t.Note(ctx, audit.Event{
		Kind: audit.ConfigChanged, Actor: audit.ActorSystem,
		Details: map[string]string{"applied": short(r.Applied), "waiting": short(waiting)},
	})
	if err != nil {
		s.log.WarnContext(ctx, "a change of the configuration is not on record", "err", err)
	}
}

// keepDigests is for the next start, which would put on record again what changed now. Secrets are on record by
// their kind.
func (s *Stack) keepDigests(ctx context.Context) {
	h := s.current().shared
	if h.turns.db == nil {
		return
	}
	set := s.now()
	now, err := digests(set.cfg, set.keys)
	if err == nil {
		var was map[string]string
		was, err = swapDigests(ctx, h.turns, orElse(s.cfg.Region, "-"), now)
		for _, e := range configEvents(was, now) {
			if e.Kind == audit.SecretRotated && err == nil {
				err = s.trail.Load().Note(ctx, e)
			}
		}
	}
	if err != nil {
		s.log.WarnContext(ctx, "the next start will take the change for one of its own", "err", err)
	}
}

// reloadMetrics say what became of changed files.
type reloadMetrics struct {
	applied, failures, swaps             prometheus.Counter
	waiting, failing, read, sinceInForce prometheus.Gauge
}

func newReloadMetrics(r prometheus.Registerer) reloadMetrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	m := reloadMetrics{
		applied: counter("identityd_config_reloads_total", "Changed configurations of which something came into force without a restart."),
		failures: counter("identityd_config_reload_failures_total",
			"Changed configurations that could not be used; the one before stays in force."),
		swaps: counter("identityd_engine_swaps_total", "How often a second pair of engines has taken the place of the first."),
		waiting: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "identityd_config_restart_needed",
			Help: "1 while the file says something that takes effect after a restart only.",
		}),
	}
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
	}
	m.failing = gauge("identityd_config_reload_failed", "1 while the file holds what cannot be used, so that the configuration before stays in force; else 0.")
	m.read = gauge("identityd_config_read_timestamp_seconds", "When the configuration was last read because it had changed, or at the start.")
	m.sinceInForce = gauge("identityd_config_in_force_timestamp_seconds", "Since when the configuration is in force that is: the start, or the latest change without one.")
	m.read.SetToCurrentTime()
	m.sinceInForce.SetToCurrentTime()
	r.MustRegister(m.applied, m.failures, m.swaps, m.waiting, m.failing, m.read, m.sinceInForce)
	return m
}

// failed counts a file that cannot be used.
func (m reloadMetrics) failed() {
	m.failures.Inc()
	m.failing.Set(1)
	m.read.SetToCurrentTime()
}

func (m reloadMetrics) looked(applied, waiting int) {
	if applied > 0 {
		m.applied.Inc()
		m.sinceInForce.SetToCurrentTime()
	}
	m.failing.Set(0)
	m.read.SetToCurrentTime()
	m.waiting.Set(map[bool]float64{true: 1}[waiting > 0])
}
