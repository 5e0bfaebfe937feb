package ory

import (
	"context"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// Watch is told what the engines say by events on spans, which is the only way in which they do: a login, a
// token. All of it has to be safe for concurrent use, and quick: it is called within the request.
type Watch struct {
	// Counted is told the name of each event; nil is allowed.
	Counted func(name string)
	// Wants reports whether Saw is to be told of events of a name; nil wants none.
	Wants func(name string) bool
	// Saw is told of an event with its attributes, as texts.
	Saw func(ctx context.Context, name string, attrs map[string]string)
	// Identified is told whose account a request looks at; nil is allowed.
	Identified func(ctx context.Context, identity string)
	// Began is told of each span that begins; nil is allowed.
	Began func(ctx context.Context, name string)
	// Open begins a span that is exported, below that of ctx; nil, or one that returns nil, exports nothing. What it
	// returns leaves out what may not leave the process.
	Open func(ctx context.Context, name string, opts ...trace.SpanStartOption) trace.Span
	// Name is that of a request at an engine's door, for such a span.
	Name func(*http.Request) string
}

// attrIdentity is how Kratos' spans say whose account was found (docs/ory-quirks.md#q98).
const attrIdentity = "identity.id"

// watchedProvider makes spans that record nothing but hand on events. A span of the SDK costs a multiple: it
// draws ids, takes the time and keeps attributes and events for exporters that are not there
// (docs/adr/0041-audit-trail.md).
type watchedProvider struct {
	noop.TracerProvider
	watch Watch
}

// Tracer implements trace.TracerProvider.
func (p *watchedProvider) Tracer(string, ...trace.TracerOption) trace.Tracer {
	return watchedTracer{watch: &p.watch}
}

type watchedTracer struct {
	noop.Tracer
	watch *Watch
}

// Start implements trace.Tracer.
func (t watchedTracer) Start(ctx context.Context, name string, opts ...trace.SpanStartOption) (context.Context, trace.Span) {
	if t.watch.Began != nil {
		t.watch.Began(ctx, name)
	}
	s := &watchedSpan{ctx: ctx, watch: t.watch}
	if t.watch.Open != nil {
		s.exported = t.watch.Open(ctx, name, opts...)
	}
	return trace.ContextWithSpan(ctx, s), s
}

type watchedSpan struct {
	noop.Span
	ctx   context.Context //nolint:containedctx // events come without one, and belong to the request of the span
	watch *Watch
	// exported is nil where nothing is.
	exported trace.Span
}

// AddEvent implements trace.Span.
func (s *watchedSpan) AddEvent(name string, opts ...trace.EventOption) {
	if s.watch.Counted != nil {
		s.watch.Counted(name)
	}
	if s.exported != nil {
		s.exported.AddEvent(name, opts...)
	}
	if s.watch.Wants == nil || !s.watch.Wants(name) {
		return
	}
	cfg := trace.NewEventConfig(opts...)
	attrs := make(map[string]string, len(cfg.Attributes()))
	for _, a := range cfg.Attributes() {
		attrs[string(a.Key)] = a.Value.String() // the last one counts, where a key is there twice
	}
	s.watch.Saw(s.ctx, name, attrs)
}

// SetAttributes implements trace.Span.
func (s *watchedSpan) SetAttributes(attrs ...attribute.KeyValue) {
	if s.exported != nil {
		s.exported.SetAttributes(attrs...)
	}
	if s.watch.Identified == nil {
		return
	}
	for _, a := range attrs {
		if a.Key == attrIdentity {
			s.watch.Identified(s.ctx, a.Value.String())
		}
	}
}

// TracerProvider implements trace.Span.
func (s *watchedSpan) TracerProvider() trace.TracerProvider { return &watchedProvider{watch: *s.watch} }
