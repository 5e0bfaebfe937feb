package ory

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

func TestTracing(t *testing.T) {
	t.Run("an event on the span of any request is seen, with the last of attributes that are there twice", func(t *testing.T) {
		counted, seen := 0, []map[string]string{}
		tracing := NewTracing(Watch{
			Counted: func(string) { counted++ },
			Wants:   func(name string) bool { return name == "LoginSucceeded" },
			Saw:     func(_ context.Context, _ string, attrs map[string]string) { seen = append(seen, attrs) },
		})
		h := tracing.Middleware("kratos public", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			trace.SpanFromContext(r.Context()).AddEvent("SessionChecked")
			ctx, inner := tracing.Tracer("kratos").Start(r.Context(), "inner")
			defer inner.End()
			trace.SpanFromContext(ctx).AddEvent("LoginSucceeded", trace.WithAttributes(
				attribute.String("IdentityID", "hashed"), attribute.Bool("Again", true), attribute.String("IdentityID", "whole")))
		}))
		const requests = 50 // none may be lost to sampling
		for range requests {
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", nil))
		}
		if counted != 2*requests || len(seen) != requests {
			t.Errorf("got %d counted and %d seen, want %d and %d", counted, len(seen), 2*requests, requests)
		}
		if diff := cmp.Diff(map[string]string{"IdentityID": "whole", "Again": "true"}, seen[0]); diff != "" {
			t.Errorf("attributes (-want +got):\n%s", diff)
		}
	})
	t.Run("whose account is looked at is told", func(t *testing.T) {
		var got string
		tracing := NewTracing(Watch{Identified: func(_ context.Context, id string) { got = id }})
		_, span := tracing.Tracer("kratos").Start(t.Context(), "persistence.sql.FindByCredentialsIdentifier")
		span.SetAttributes(attribute.String("network.id", "n"), attribute.String("identity.id", "somebody"))
		if got != "somebody" {
			t.Errorf("got %q", got)
		}
	})
	t.Run("the engines' wrapping counts as loaded, which puts the SQL seam in place", func(t *testing.T) {
		if !NewTracing(Watch{}).Otelx("hydra").IsLoaded() {
			t.Error("not loaded")
		}
	})
}

// BenchmarkSpans compares what a request's worth of spans and events costs: about what an introspection has.
func BenchmarkSpans(b *testing.B) {
	none := NewTracing(Watch{Counted: func(string) {}, Wants: func(string) bool { return false }})
	all := NewTracing(Watch{
		Counted: func(string) {}, Wants: func(string) bool { return true }, Saw: func(context.Context, string, map[string]string) {},
	})
	for name, p := range map[string]trace.TracerProvider{
		"nothing":             noop.NewTracerProvider(),
		"ours, unwanted":      none.provider,
		"ours, wanted":        all.provider,
		"the SDK's recording": sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.AlwaysSample())),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			tracer := p.Tracer("hydra")
			for b.Loop() {
				ctx, root := tracer.Start(context.Background(), "root")
				for range 8 {
					_, s := tracer.Start(ctx, "persistence.sql.GetAccessTokenSession", trace.WithAttributes(attribute.String("signature", "x")))
					s.End()
				}
				trace.SpanFromContext(ctx).AddEvent("OAuth2AccessTokenInspected", trace.WithAttributes(
					attribute.String("OAuth2ClientID", "c"), attribute.String("OAuth2Subject", "s")))
				root.End()
			}
		})
	}
}
