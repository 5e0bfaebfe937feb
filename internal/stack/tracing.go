package stack

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/ory"
	"example.com/identityd/internal/reload"
	"example.com/identityd/internal/store"
	"example.com/identityd/internal/tracing"
)

// openTracing makes what the engines say their spans to, and turns tracing on where the file says so.
func (s *Stack) openTracing(ctx context.Context) error {
	s.traces = tracing.New(tracing.Config{
		Log: s.log.With("component", "tracing"), Version: s.opts.Version, Instance: s.instance, Region: s.cfg.Region, Pause: s.opts.SpanPause,
	})
	s.metrics.tracing(s.traces)
	s.tracing = ory.NewTracing(s.watch())
	if hydra, _, err := store.Resolve(storeSettings(s.cfg.Database, s.cfg.Region)); err == nil {
		s.sqlSystem = map[store.Dialect]string{
			store.SQLite: "sqlite", store.Postgres: "postgresql", store.Cockroach: "cockroachdb",
		}[hydra.Dialect()]
	}
	s.sealStories(s.keys)
	return s.traceTo(ctx, s.cfg)
}

// sealStories makes the cookies that join the traces of a sign-in.
func (s *Stack) sealStories(k keys) {
	derived, err := s.ownKeys(k, "trace cookies")
	if err != nil {
		return // it cannot fail with keys that others were derived from
	}
	if c, err := tracing.NewCookies(derived, s.urls.CookieDomain); err == nil {
		s.stories.Store(c)
	}
}

// traceTo sends spans to where a configuration says, or nowhere.
func (s *Stack) traceTo(ctx context.Context, c config.Config) error {
	to := tracing.Settings{Endpoint: c.Tracing.Endpoint, Headers: c.Tracing.Headers(), Sample: c.Tracing.Sample}
	if to.Endpoint != "" {
		u, err := url.Parse(to.Endpoint)
		if err != nil {
			return fmt.Errorf("tracing.endpoint: %w", err)
		}
		port, _ := strconv.ParseUint(u.Port(), 10, 16) // none is any
		to.Way = s.outbound.For(u.Hostname(), uint16(port)).Transport("tracing")
	}
	return s.traces.Become(ctx, to)
}

func (s *Stack) prepareTracing(ctx context.Context, c config.Config, _ []string) (reload.Change, error) {
	return reload.Change{Apply: func() {
		if err := s.traceTo(context.WithoutCancel(ctx), c); err != nil {
			s.log.WarnContext(ctx, "tracing goes on as it was", "err", err)
		}
	}}, nil
}

// flushTraces bounds what the end of the process waits for, once requests have drained.
const flushTraces = 2 * time.Second

// keepTracing sends what waits at the end.
func (s *Stack) keepTracing(ctx context.Context) error {
	<-ctx.Done()
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTraces)
	defer cancel()
	s.traces.Close(late)
	return nil
}

// tracedWay is a way out whose calls have a span. Receivers of hooks, which the operator named, are told the trace;
// identity providers and addresses that applications chose are not.
type tracedWay struct {
	stack     *Stack
	component string
	next      http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (w tracedWay) RoundTrip(r *http.Request) (*http.Response, error) {
	if !w.stack.traces.On() {
		return w.next.RoundTrip(r)
	}
	ctx, name := r.Context(), "call outside for "+w.component
	attrs := []attribute.KeyValue{attribute.String("server.address", r.URL.Host), attribute.String("http.request.method", tracing.Method(r))}
	span := w.stack.traces.Open(ctx, name, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attrs...))
	var job *tracing.Request
	if span == nil && !trace.SpanContextFromContext(ctx).IsValid() {
		if ctx, job = w.stack.traces.Job(ctx, name); job != nil {
			span = job.Root()
		}
	}
	if span == nil {
		return w.next.RoundTrip(r)
	}
	out := r.Clone(trace.ContextWithSpan(ctx, span))
	out.Response = r.Response // whence it was redirected (internal/outbound)
	if w.component == hooksName {
		propagation.TraceContext{}.Inject(out.Context(), propagation.HeaderCarrier(out.Header))
	}
	res, err := w.next.RoundTrip(out)
	failed := err != nil || res.StatusCode >= http.StatusInternalServerError
	if err == nil {
		attrs = append(attrs, attribute.Int("http.response.status_code", res.StatusCode))
	}
	if job != nil {
		job.End(tracing.Outcome{Failed: failed, Fault: failed, Attrs: attrs})
		return res, err
	}
	span.RecordError(err)
	span.SetAttributes(attrs...)
	if failed {
		span.SetStatus(codes.Error, "")
	}
	span.End()
	return res, err
}

// tracing counts what became of spans.
func (m *metrics) tracing(t *tracing.Tracing) {
	for outcome, count := range map[string]func(tracing.Stats) uint64{
		"sent":    func(s tracing.Stats) uint64 { return s.Sent },
		"failed":  func(s tracing.Stats) uint64 { return s.Failed },
		"full":    func(s tracing.Stats) uint64 { return s.Full },
		"crowded": func(s tracing.Stats) uint64 { return s.Crowded },
	} {
		m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name:        "identityd_trace_spans_total",
			Help:        "Spans by what became of them: the collector took them or not, the queue was full, or their request had too many.",
			ConstLabels: prometheus.Labels{"outcome": outcome},
		}, func() float64 { return float64(count(t.Stats())) }))
	}
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "identityd_trace_spans_waiting", Help: "Spans that wait for the collector.",
	}, func() float64 { return float64(t.Stats().Waiting) }))
}
