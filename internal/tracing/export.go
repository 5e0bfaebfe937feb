package tracing

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

const (
	// mostQueued bounds what waits for the collector, batch what goes at a time, and pause how long a span waits for
	// others.
	mostQueued = 8192
	batch      = 512
	pause      = 2 * time.Second
	// patience is how long the collector may take.
	patience = 10 * time.Second
	// tracesPath is where OTLP over HTTP has spans.
	tracesPath = "/v1/traces"
)

// counters are what became of spans.
type counters struct {
	sent, failed, full, crowded atomic.Uint64
	waiting                     atomic.Int64
}

// Stats are counts of spans.
type Stats struct {
	// Sent were taken by the collector, Failed were not.
	Sent, Failed uint64
	// Full had no room in the queue, Crowded none in the memory of their request.
	Full, Crowded uint64
	// Waiting are in the queue.
	Waiting int
}

// Stats returns what became of spans since the process began.
func (t *Tracing) Stats() Stats {
	c := &t.count
	return Stats{c.sent.Load(), c.failed.Load(), c.full.Load(), c.crowded.Load(), int(c.waiting.Load())}
}

// exporter sends spans in the background.
type exporter struct {
	*Tracing
	to    sdktrace.SpanExporter
	host  string
	wake  chan struct{}
	done  chan struct{}
	abort context.CancelFunc

	mu     sync.Mutex
	queue  []sdktrace.ReadOnlySpan
	closed bool
}

func newExporter(t *Tracing, s Settings) (*exporter, error) {
	u, err := url.Parse(s.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("reading the address of the collector: %w", err)
	}
	if strings.Trim(u.Path, "/") == "" {
		u.Path, u.RawPath = tracesPath, ""
	}
	headers := map[string]string{}
	for k, v := range s.Headers {
		headers[k] = v
	}
	opts := []otlptracehttp.Option{
		// Everything is said, whether it is what holds anyway or not: what is left out comes from variables
		// (OTEL_EXPORTER_OTLP_*), by which other software in a container may be told to do without TLS.
		otlptracehttp.WithEndpointURL(u.String()), otlptracehttp.WithHeaders(headers),
		otlptracehttp.WithEncoding(otlptracehttp.EncodingProtobuf), otlptracehttp.WithTLSClientConfig(nil),
		otlptracehttp.WithCompression(otlptracehttp.GzipCompression), otlptracehttp.WithTimeout(patience),
		// Whoever tries again holds up those behind, and spans are many.
		otlptracehttp.WithRetry(otlptracehttp.RetryConfig{Enabled: false}),
		otlptracehttp.WithHTTPClient(&http.Client{
			Transport: s.Way, Timeout: patience,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}),
	}
	ctx, abort := context.WithCancel(context.Background())
	to, err := otlptrace.New(ctx, otlptracehttp.NewClient(opts...))
	if err != nil {
		abort()
		return nil, fmt.Errorf("preparing the way to the collector: %w", err)
	}
	e := &exporter{Tracing: t, to: to, host: u.Host, wake: make(chan struct{}, 1), done: make(chan struct{}), abort: abort}
	go e.run(ctx)
	return e, nil
}

// add takes spans, as many as there is room for. It never waits.
func (e *exporter) add(spans []sdktrace.ReadOnlySpan) {
	if len(spans) == 0 {
		return
	}
	e.mu.Lock()
	room := mostQueued - len(e.queue)
	if e.closed {
		room = 0
	}
	take := min(room, len(spans))
	e.queue = append(e.queue, spans[:take]...)
	full := len(e.queue) >= batch
	e.mu.Unlock()
	e.count.waiting.Add(int64(take))
	e.count.full.Add(uint64(len(spans) - take)) //nolint:gosec // take is no more
	if full {
		e.rouse()
	}
}

func (e *exporter) rouse() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// run sends batches until it is closed and nothing is left, or until ctx ends.
func (e *exporter) run(ctx context.Context) {
	defer close(e.done)
	tick := time.NewTicker(e.cfg.Pause)
	defer tick.Stop()
	down := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-e.wake:
		}
		for {
			spans, closed := e.take()
			if len(spans) == 0 {
				if closed {
					return
				}
				break
			}
			down = e.send(ctx, spans, down)
			if ctx.Err() != nil {
				return
			}
		}
	}
}

func (e *exporter) take() (spans []sdktrace.ReadOnlySpan, closed bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := min(batch, len(e.queue))
	spans = e.queue[:n:n]
	if e.queue = e.queue[n:]; len(e.queue) == 0 {
		e.queue = nil
	}
	e.count.waiting.Add(int64(-n))
	return spans, e.closed
}

// send says once that the collector does not take spans, and once that it does again.
func (e *exporter) send(ctx context.Context, spans []sdktrace.ReadOnlySpan, down bool) bool {
	bound, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := e.to.ExportSpans(bound, spans)
	if err != nil {
		e.count.failed.Add(uint64(len(spans)))
		if !down && ctx.Err() == nil {
			e.cfg.Log.WarnContext(ctx, "the collector does not take spans", "host", e.host, "err", inShort(err),
				"cure", "requests are served as before; see that tracing.endpoint is right and the collector runs")
		}
		return true
	}
	e.count.sent.Add(uint64(len(spans)))
	if down {
		e.cfg.Log.InfoContext(ctx, "the collector takes spans again", "host", e.host)
	}
	return false
}

// inShort is what an error says without most of the page that the collector, or whatever stands at its address,
// answered with.
func inShort(err error) string {
	const longest = 400
	text := err.Error()
	if len(text) > longest {
		text = text[:longest] + "…"
	}
	return strings.ToValidUTF8(text, "?")
}

// close sends what waits, for as long as ctx and the patience allow.
func (e *exporter) close(ctx context.Context) {
	e.mu.Lock()
	e.closed = true
	e.mu.Unlock()
	e.rouse()
	late := time.NewTimer(closing)
	defer late.Stop()
	select {
	case <-e.done:
	case <-ctx.Done():
	case <-late.C:
	}
	e.abort()
	<-e.done
	e.mu.Lock()
	left := len(e.queue)
	e.queue = nil
	e.mu.Unlock()
	e.count.waiting.Add(int64(-left))
	e.count.failed.Add(uint64(left)) //nolint:gosec // a length
	// It closes nothing but itself: connections are of the way.
	_ = e.to.Shutdown(context.WithoutCancel(ctx))
}

// closing is how long the end of the process, or of these settings, waits for the collector.
const closing = 2 * time.Second
