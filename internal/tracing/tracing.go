package tracing

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Config is what holds for as long as the process lives.
type Config struct {
	Log *slog.Logger
	// Version, Instance and Region say which process the spans are of.
	Version, Instance, Region string
	// Pause is how long a span waits for others; zero is as it comes.
	Pause time.Duration
}

// Settings say where spans go, and how many.
type Settings struct {
	// Endpoint takes spans by OTLP over HTTP, in protobuf; empty keeps nothing and sends nothing.
	Endpoint string
	// Headers go with each batch.
	Headers map[string]string
	// Sample is the share of requests that are sent although nothing went wrong in them, from 0 to 1.
	Sample float64
	// Way is how the collector is called.
	Way http.RoundTripper
}

// Tracing is the tracing of a process. Its zero value is off.
type Tracing struct {
	cfg  Config
	on   atomic.Pointer[recorder]
	jobs sync.WaitGroup
	// filter says what may leave, routes which paths are ours.
	filter filter
	routes routes

	// what is counted goes on over changes of the settings.
	count counters
}

// recorder is tracing that is on.
type recorder struct {
	*Tracing
	sample  float64
	tracer  trace.Tracer
	buffer  *buffer
	stories *stories
	out     *exporter
}

// New returns a Tracing that is off.
func New(cfg Config) *Tracing {
	if cfg.Pause == 0 {
		cfg.Pause = pause
	}
	return &Tracing{cfg: cfg, filter: newFilter(), routes: newRoutes()}
}

// On reports whether spans are kept.
func (t *Tracing) On() bool { return t != nil && t.on.Load() != nil }

// Become takes new settings. What waits is sent to where it was to go, in the background.
func (t *Tracing) Become(ctx context.Context, s Settings) error {
	var next *recorder
	if s.Endpoint != "" {
		out, err := newExporter(t, s)
		if err != nil {
			return err
		}
		next = &recorder{Tracing: t, sample: s.Sample, out: out, stories: newStories()}
		next.buffer = &buffer{recorder: next, live: map[trace.SpanID]*Request{}}
		next.tracer = sdktrace.NewTracerProvider(
			sdktrace.WithSampler(sampler{}), sdktrace.WithSpanProcessor(next.buffer), sdktrace.WithResource(t.resource()),
			sdktrace.WithRawSpanLimits(sdktrace.SpanLimits{
				AttributeValueLengthLimit: longestValue, AttributeCountLimit: 32, EventCountLimit: 64, LinkCountLimit: 4,
				AttributePerEventCountLimit: 16, AttributePerLinkCountLimit: 4,
			}),
		).Tracer("identityd")
	}
	if old := t.on.Swap(next); old != nil {
		t.jobs.Go(func() { old.out.close(context.WithoutCancel(ctx)) })
	}
	return nil
}

// longestValue is how long an attribute may be.
const longestValue = 256

// Close sends what waits, for as long as ctx allows, and turns tracing off.
func (t *Tracing) Close(ctx context.Context) {
	if t == nil {
		return
	}
	if old := t.on.Swap(nil); old != nil {
		old.out.close(ctx)
	}
	t.jobs.Wait()
}

func (t *Tracing) resource() *resource.Resource {
	attrs := []attribute.KeyValue{
		attribute.String("service.name", "identityd"), attribute.String("service.version", t.cfg.Version),
		attribute.String("service.instance.id", t.cfg.Instance),
	}
	if t.cfg.Region != "" {
		attrs = append(attrs, attribute.String("identityd.region", t.cfg.Region))
	}
	return resource.NewSchemaless(attrs...)
}

// Open begins a span below that of ctx, which has to be of a request that is traced; elsewhere it returns nil.
func (t *Tracing) Open(ctx context.Context, name string, opts ...trace.SpanStartOption) trace.Span {
	if t == nil {
		return nil
	}
	r := t.on.Load()
	if r == nil || !r.buffer.room(trace.SpanContextFromContext(ctx).SpanID()) {
		return nil
	}
	cfg := trace.NewSpanStartConfig(opts...)
	_, made := r.tracer.Start(ctx, name, trace.WithSpanKind(cfg.SpanKind()), trace.WithTimestamp(cfg.Timestamp()),
		trace.WithAttributes(t.filter.harmless(cfg.Attributes())...))
	return &span{Span: made, filter: t.filter}
}

// sampler records every span: whether it is sent is decided when its request is over. Those that are told
// about it are told what was decided at the beginning.
type sampler struct{}

type headKey struct{}

// ShouldSample implements sdktrace.Sampler.
func (sampler) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	parent := trace.SpanContextFromContext(p.ParentContext)
	sampled := parent.IsSampled()
	if head, ok := p.ParentContext.Value(headKey{}).(*Request); ok && head.root == nil {
		sampled = head.sampled
	}
	result := sdktrace.SamplingResult{Decision: sdktrace.RecordOnly, Tracestate: parent.TraceState()}
	if sampled {
		result.Decision = sdktrace.RecordAndSample
	}
	return result
}

// Description implements sdktrace.Sampler.
func (sampler) Description() string { return "decided when a request ends" }
