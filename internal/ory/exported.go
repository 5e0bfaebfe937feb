package ory

import (
	"context"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// The rest of a watchedSpan is that of the span that is exported, if one is.

// SpanContext implements trace.Span.
func (s *watchedSpan) SpanContext() trace.SpanContext {
	if s.exported != nil {
		return s.exported.SpanContext()
	}
	return s.Span.SpanContext()
}

// IsRecording implements trace.Span.
func (s *watchedSpan) IsRecording() bool { return s.exported != nil }

// End implements trace.Span.
func (s *watchedSpan) End(opts ...trace.SpanEndOption) {
	if s.exported != nil {
		s.exported.End(opts...)
	}
}

// RecordError implements trace.Span.
func (s *watchedSpan) RecordError(err error, opts ...trace.EventOption) {
	if s.exported != nil {
		s.exported.RecordError(err, opts...)
	}
}

// SetStatus implements trace.Span.
func (s *watchedSpan) SetStatus(code codes.Code, description string) {
	if s.exported != nil {
		s.exported.SetStatus(code, description)
	}
}

// SetName implements trace.Span.
func (s *watchedSpan) SetName(name string) {
	if s.exported != nil {
		s.exported.SetName(name)
	}
}

// AddLink implements trace.Span.
func (s *watchedSpan) AddLink(link trace.Link) {
	if s.exported != nil {
		s.exported.AddLink(link)
	}
}

// below begins a span below that of ctx, which is nil where that is not one of an engine that is exported.
func below(ctx context.Context, name string, opts ...trace.SpanStartOption) trace.Span {
	if s, ok := trace.SpanFromContext(ctx).(*watchedSpan); ok && s.exported != nil {
		return s.watch.Open(ctx, name, opts...)
	}
	return nil
}

func end(s trace.Span) {
	if s != nil {
		s.End()
	}
}

// door is what an engine is asked through. Where its span is exported, that says what was asked and answered.
func (t *Tracing) door(ctx context.Context, name string, w http.ResponseWriter, r *http.Request, next http.Handler) {
	span := trace.SpanFromContext(ctx)
	if !span.IsRecording() {
		next.ServeHTTP(w, r)
		return
	}
	if t.name != nil {
		span.SetName(name + " " + t.name(r))
	}
	seen := &seenStatus{ResponseWriter: w}
	next.ServeHTTP(seen, r)
	if seen.status == 0 {
		seen.status = http.StatusOK
	}
	span.SetAttributes(attribute.Int("http.response.status_code", seen.status))
	if seen.status >= http.StatusInternalServerError {
		span.SetStatus(codes.Error, "")
	}
}

// seenStatus remembers what was answered.
type seenStatus struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (s *seenStatus) WriteHeader(status int) {
	if s.status == 0 && status >= http.StatusOK {
		s.status = status
	}
	s.ResponseWriter.WriteHeader(status)
}

// Unwrap serves http.ResponseController.
func (s *seenStatus) Unwrap() http.ResponseWriter { return s.ResponseWriter }
