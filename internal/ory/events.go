package ory

import (
	"context"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// Events is a span processor that hands on the name of every event. The engines tell what happened,
// such as LoginSucceeded, by events on the span of a request and in no other way.
type Events struct {
	// Saw is called for each event when its span ends. It must be safe for concurrent use.
	Saw func(name string)
}

var _ sdktrace.SpanProcessor = Events{}

// OnStart implements sdktrace.SpanProcessor.
func (Events) OnStart(context.Context, sdktrace.ReadWriteSpan) {}

// OnEnd implements sdktrace.SpanProcessor.
func (e Events) OnEnd(s sdktrace.ReadOnlySpan) {
	for _, event := range s.Events() {
		// What otel itself records of an error; its count is that of the access log.
		if event.Name != "exception" {
			e.Saw(event.Name)
		}
	}
}

// Shutdown implements sdktrace.SpanProcessor.
func (Events) Shutdown(context.Context) error { return nil }

// ForceFlush implements sdktrace.SpanProcessor.
func (Events) ForceFlush(context.Context) error { return nil }
