package ory

import (
	"context"
	"net/http"

	"github.com/ory/x/otelx"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Tracing is the tracer of both engines. It records every span: spans that are not sampled lose
// their events, and the engines tell what happened (a login, a token) as span events only. What is
// exported is a matter of the processors.
type Tracing struct {
	provider *sdktrace.TracerProvider
}

// NewTracing returns a provider of our own with the given processors. Nothing global is touched: two
// engines that set otel's globals would overwrite each other's.
func NewTracing(processors ...sdktrace.SpanProcessor) *Tracing {
	opts := []sdktrace.TracerProviderOption{sdktrace.WithSampler(sdktrace.AlwaysSample())}
	for _, p := range processors {
		opts = append(opts, sdktrace.WithSpanProcessor(p))
	}
	return &Tracing{provider: sdktrace.NewTracerProvider(opts...)}
}

// Tracer returns the tracer for a component.
func (t *Tracing) Tracer(name string) trace.Tracer { return t.provider.Tracer(name) }

// Otelx returns the tracer in Ory's wrapping.
func (t *Tracing) Otelx(name string) *otelx.Tracer {
	return new(otelx.Tracer).WithOTLP(t.Tracer(name))
}

// Middleware opens the span of a request. The route is not known here, so that the name stays the
// listener's and the cardinality low.
func (t *Tracing) Middleware(name string, next http.Handler) http.Handler {
	tracer := t.Tracer(name)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, span := tracer.Start(r.Context(), name, trace.WithSpanKind(trace.SpanKindServer))
		defer span.End()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// Shutdown flushes the processors.
func (t *Tracing) Shutdown(ctx context.Context) error { return t.provider.Shutdown(ctx) }
