package ory

import (
	"context"
	"sync"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// slowKey is the context key of the serializer that a request is in.
type slowKey struct{}

// slow are the spans during which a request touches no database and need not keep others out: Kratos
// compares a password, in the goroutine of its request and outside of every transaction (kratos:
// hash/hash_comparator.go, called by selfservice/strategy/password/login.go alone). Generating a hash is
// none of them: a registration does so in a goroutine beside its request, which goes on meanwhile.
func slow(component, span string) bool {
	return component == "github.com/ory/kratos/hash" && span == "hash.Compare"
}

// LetGoWhileHashing makes requests let go of their Serializer while Kratos compares a password
// (docs/ory-quirks.md#q42). The function cannot be replaced, but it asks otel's global tracer for a span
// when it begins. All else that asks it gets what it got before: nothing.
func LetGoWhileHashing() {
	letGoOnce()
}

var letGoOnce = sync.OnceFunc(func() { otel.SetTracerProvider(slowProvider{}) }) //nolint:gochecknoglobals // so is otel's

type slowProvider struct{ noop.TracerProvider }

// Tracer implements trace.TracerProvider.
func (slowProvider) Tracer(name string, _ ...trace.TracerOption) trace.Tracer {
	return slowTracer{component: name}
}

type slowTracer struct {
	noop.Tracer
	component string
}

// Start implements trace.Tracer.
func (t slowTracer) Start(ctx context.Context, name string, opts ...trace.SpanStartOption) (context.Context, trace.Span) {
	inner, span := t.Tracer.Start(ctx, name, opts...)
	s, _ := ctx.Value(slowKey{}).(*Serializer)
	if s == nil || !slow(t.component, name) {
		return inner, span
	}
	return inner, &slowSpan{Span: span, again: sync.OnceFunc(s.letGo(ctx))}
}

type slowSpan struct {
	trace.Span
	again func()
}

// End implements trace.Span.
func (s *slowSpan) End(opts ...trace.SpanEndOption) {
	s.again()
	s.Span.End(opts...)
}
