package ory

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"go.opentelemetry.io/otel/trace"
)

func TestTracing(t *testing.T) {
	t.Run("an event on the span of any request is seen", func(t *testing.T) {
		seen := map[string]int{}
		tracing := NewTracing(Events{Saw: func(name string) { seen[name]++ }})
		h := tracing.Middleware("kratos public", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			trace.SpanFromContext(r.Context()).AddEvent("LoginSucceeded")
		}))
		const requests = 50 // none may be lost to sampling
		for range requests {
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", nil))
		}
		if got := seen["LoginSucceeded"]; got != requests {
			t.Errorf("got %d events, want %d", got, requests)
		}
	})
	t.Run("the engines' wrapping counts as loaded, which puts the SQL seam in place", func(t *testing.T) {
		if !NewTracing().Otelx("hydra").IsLoaded() {
			t.Error("not loaded")
		}
	})
}
