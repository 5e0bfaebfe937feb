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

// span is one of the spans that the engines open around a hash.
type span struct{ component, name string }

// hashing are the spans during which a password or a secret is hashed, each of which takes a place under the
// Ceiling. The value says whether the request touches no database meanwhile and need not keep others out:
// Kratos compares a password in the goroutine of its request and outside of every transaction (kratos:
// hash/hash_comparator.go, called by selfservice/strategy/password/login.go alone). It generates one in a
// goroutine beside a registration, which goes on meanwhile. Hydra's take a few milliseconds each.
func hashing(s span) (letGo, ok bool) {
	const kratos, hydra = "github.com/ory/kratos/hash", "github.com/ory/hydra/x"
	switch s {
	case span{kratos, "hash.Compare"}:
		return true, true
	case span{kratos, "hash.Generate"}, span{hydra, "x.hasher.Compare"}, span{hydra, "x.hasher.Hash"}:
		return false, true
	}
	return false, false
}

// WatchHashes makes requests wait for their place under the Ceiling that they are under, and let go of their
// Serializer while Kratos compares a password (docs/ory-quirks.md#q42). The functions cannot be replaced, but
// they ask otel's global tracer for a span when they begin. All else that asks it gets what it got before:
// nothing.
func WatchHashes() {
	watchOnce()
}

var watchOnce = sync.OnceFunc(func() { otel.SetTracerProvider(slowProvider{}) }) //nolint:gochecknoglobals // so is otel's

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
	inner, made := t.Tracer.Start(ctx, name, opts...)
	letGo, ok := hashing(span{t.component, name})
	if !ok {
		return inner, made
	}
	again := func() {}
	if s, _ := ctx.Value(slowKey{}).(*Serializer); s != nil && letGo {
		again = sync.OnceFunc(s.letGo(ctx))
	}
	waits := below(ctx, "waiting for a place to hash")
	// Without the serializer: who waits for a place must not keep out those who have one.
	done := ceilingFrom(ctx).hash()
	end(waits)
	if hashes := below(ctx, name, opts...); hashes != nil {
		made = hashes
	}
	return inner, &slowSpan{Span: made, end: func() { done(); again() }}
}

type slowSpan struct {
	trace.Span
	end func()
}

// End implements trace.Span.
func (s *slowSpan) End(opts ...trace.SpanEndOption) {
	s.end()
	s.Span.End(opts...)
}
