package tracing

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// TestWhatWaitsIsBounded holds what a collector that hangs, or strangers who fail on purpose, can have kept in memory.
func TestWhatWaitsIsBounded(t *testing.T) {
	hold := make(chan struct{})
	tr := New(Config{Log: slog.New(slog.DiscardHandler), Pause: time.Hour})
	if err := tr.Become(t.Context(), Settings{Endpoint: "http://collector.example", Way: wayFunc(func(r *http.Request) (*http.Response, error) {
		select {
		case <-hold:
		case <-r.Context().Done():
		}
		return nil, http.ErrServerClosed
	})}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { close(hold); tr.Close(t.Context()) })
	rec := tr.on.Load()
	_, q := tr.Begin(httptest.NewRequest(http.MethodGet, "/login", http.NoBody), Stranger, trace.SpanKindServer, Story{})
	q.Tell()
	q.root.End()
	one := q.close()
	if len(one) != 1 {
		t.Fatalf("got %d spans", len(one))
	}
	t.Run("the queue, of a collector that hangs", func(t *testing.T) {
		const added = 2 * mostQueued
		for range added {
			rec.out.add(one)
		}
		stats := tr.Stats()
		// A batch may have been taken out, and the exporter stands still with it.
		if stats.Waiting > mostQueued || stats.Full < added-mostQueued-batch {
			t.Errorf("%d wait and %d had no room, want %d at most to wait", stats.Waiting, stats.Full, mostQueued)
		}
	})
	t.Run("the steps that went well", func(t *testing.T) {
		for i := range mostHeld/size(one[0]) + 100 {
			rec.stories.hold(Story{trace: trace.TraceID{1, byte(i >> 8), byte(i)}, span: trace.SpanID{1}}, one)
		}
		if n := rec.stories.bytes; n > mostHeld || n < mostHeld/2 || n != len(rec.stories.order)*size(one[0]) {
			t.Errorf("%d bytes of %d steps are kept", n, len(rec.stories.order))
		}
	})
	t.Run("those that are too old", func(t *testing.T) {
		for i := range rec.stories.order {
			rec.stories.order[i].at = time.Now().Add(-2 * longestHeld)
		}
		rec.stories.hold(q.story, []sdktrace.ReadOnlySpan{one[0]})
		if n := len(rec.stories.order); n != 1 {
			t.Errorf("%d are kept, want the new one", n)
		}
	})
	t.Run("the sign-ins that failed", func(t *testing.T) {
		for i := range 2 * mostFailed {
			rec.stories.fail(Story{trace: trace.TraceID{2, byte(i >> 8), byte(i)}, span: trace.SpanID{1}})
		}
		if n := len(rec.stories.wrong); n != mostFailed || len(rec.stories.latest) != n {
			t.Errorf("%d are remembered, want %d", n, mostFailed)
		}
	})
}
