package tracing

import (
	"context"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

const (
	// mostSpans and mostBytes bound what is kept of one request until it is over.
	mostSpans, mostBytes = 512, 512 << 10
	// mostBuffered bounds the same of all requests.
	mostBuffered = 16 << 20
)

// buffer keeps the spans of requests that are not over. It finds the request of a span by the span above it:
// two requests may be of one trace.
type buffer struct {
	*recorder
	mu    sync.Mutex
	live  map[trace.SpanID]*Request
	bytes atomic.Int64
}

// room reports whether another span may begin below one.
func (b *buffer) room(above trace.SpanID) bool {
	b.mu.Lock()
	q := b.live[above]
	b.mu.Unlock()
	if q == nil {
		return false
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.over {
		return false
	}
	if len(q.ids) >= mostSpans || q.bytes >= mostBytes || b.bytes.Load() >= mostBuffered {
		q.dropped++
		b.count.crowded.Add(1)
		return false
	}
	return true
}

// OnStart implements sdktrace.SpanProcessor.
func (b *buffer) OnStart(ctx context.Context, s sdktrace.ReadWriteSpan) {
	b.mu.Lock()
	defer b.mu.Unlock()
	q, ok := ctx.Value(headKey{}).(*Request)
	if !ok || q.root != nil {
		q = b.live[s.Parent().SpanID()]
	}
	if q == nil {
		return
	}
	b.live[s.SpanContext().SpanID()] = q
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ids = append(q.ids, s.SpanContext().SpanID())
}

// OnEnd implements sdktrace.SpanProcessor.
func (b *buffer) OnEnd(s sdktrace.ReadOnlySpan) {
	id := s.SpanContext().SpanID()
	b.mu.Lock()
	q := b.live[id]
	delete(b.live, id)
	b.mu.Unlock()
	if q == nil {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.over {
		return
	}
	n := size(s)
	q.kept = append(q.kept, s)
	q.bytes += n
	b.bytes.Add(int64(n))
}

// Shutdown implements sdktrace.SpanProcessor.
func (*buffer) Shutdown(context.Context) error { return nil }

// ForceFlush implements sdktrace.SpanProcessor.
func (*buffer) ForceFlush(context.Context) error { return nil }

// size is about what a span takes.
func size(s sdktrace.ReadOnlySpan) int {
	const fixed, each = 512, 96
	n := fixed + len(s.Name()) + sizeOf(s.Attributes())
	for _, e := range s.Events() {
		n += each + len(e.Name) + sizeOf(e.Attributes)
	}
	return n + each*len(s.Links())
}

func sizeOf(list []attribute.KeyValue) int {
	const each = 64
	n := each * len(list)
	for _, a := range list {
		if a.Value.Type() == attribute.STRING {
			n += len(a.Value.AsString())
		}
	}
	return n
}
