package tracing

import (
	"sync"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

const (
	// mostHeld bounds what is kept of sign-ins that went well so far, and longestHeld for how long.
	mostHeld    = 8 << 20
	longestHeld = 15 * time.Minute
	// mostFailed is how many sign-ins are remembered in which something went wrong.
	mostFailed = 1024
)

// stories keeps the steps of sign-ins that are not sent, in case that a later one fails.
type stories struct {
	mu     sync.Mutex
	order  []held
	bytes  int
	wrong  map[trace.TraceID]struct{}
	latest []trace.TraceID
}

// held is one step.
type held struct {
	of    trace.TraceID
	spans []sdktrace.ReadOnlySpan
	bytes int
	at    time.Time
}

func newStories() *stories { return &stories{wrong: map[trace.TraceID]struct{}{}} }

// failed reports whether something went wrong in a sign-in before.
func (s *stories) failed(of Story) bool {
	if !of.valid() {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.wrong[of.trace]
	return ok
}

// fail remembers that a step of a sign-in failed, and returns what is kept of those before.
func (s *stories) fail(of Story) []sdktrace.ReadOnlySpan {
	if !of.valid() {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.wrong[of.trace]; !known {
		s.wrong[of.trace] = struct{}{}
		if s.latest = append(s.latest, of.trace); len(s.latest) > mostFailed {
			delete(s.wrong, s.latest[0])
			s.latest = s.latest[1:]
		}
	}
	var out []sdktrace.ReadOnlySpan
	rest := s.order[:0]
	for _, h := range s.order {
		if h.of == of.trace {
			out = append(out, h.spans...)
			s.bytes -= h.bytes
		} else {
			rest = append(rest, h)
		}
	}
	clear(s.order[len(rest):])
	s.order = rest
	return out
}

// hold keeps the spans of a step.
func (s *stories) hold(of Story, spans []sdktrace.ReadOnlySpan) {
	if !of.valid() || len(spans) == 0 {
		return
	}
	h := held{of: of.trace, spans: spans, at: time.Now()}
	for _, one := range spans {
		h.bytes += size(one)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.order = append(s.order, h)
	s.bytes += h.bytes
	gone := 0
	for gone < len(s.order) && (s.bytes > mostHeld || h.at.Sub(s.order[gone].at) > longestHeld) {
		s.bytes -= s.order[gone].bytes
		s.order[gone] = held{}
		gone++
	}
	s.order = s.order[gone:]
}
