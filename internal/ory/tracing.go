package ory

import (
	"net/http"

	"github.com/ory/x/otelx"
	"go.opentelemetry.io/otel/trace"
)

// Tracing is the tracer of both engines. It loses no event: the engines tell what happened (a login, a
// token) by events on spans only, whatever share of the requests is exported.
type Tracing struct {
	provider trace.TracerProvider
	// name is that of a request.
	name func(*http.Request) string
}

// NewTracing returns a provider of our own that tells the watch. Nothing global is touched: two engines
// that set otel's globals would overwrite each other's.
func NewTracing(w Watch) *Tracing {
	return &Tracing{provider: &watchedProvider{watch: w}, name: w.Name}
}

// Tracer returns the tracer for a component.
func (t *Tracing) Tracer(name string) trace.Tracer { return t.provider.Tracer(name) }

// Otelx returns the tracer in Ory's wrapping.
func (t *Tracing) Otelx(name string) *otelx.Tracer {
	return new(otelx.Tracer).WithOTLP(t.Tracer(name))
}

// Middleware opens the span of a request, whose name is that of the engine's door, and where it is exported that
// of the route.
func (t *Tracing) Middleware(name string, next http.Handler) http.Handler {
	tracer := t.Tracer(name)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, span := tracer.Start(r.Context(), name, trace.WithSpanKind(trace.SpanKindServer))
		defer span.End()
		t.door(ctx, name, w, r.WithContext(ctx), next)
	})
}
