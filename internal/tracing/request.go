package tracing

import (
	"context"
	"math/rand/v2"
	"net/http"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Caller is who sends a request, as far as that says whose word counts.
type Caller int

// The callers.
const (
	// Stranger is anybody: a trace of theirs is gone on with, and whether it is sent is decided here.
	Stranger Caller = iota
	// Trusted came through the doors of the admin APIs: what they want sent is sent.
	Trusted
)

// Request is the trace of one request in this process. Its methods may be called on nil, which is no trace.
type Request struct {
	recorder *recorder
	// root is nil until it has begun.
	root trace.Span
	// sampled was decided at the beginning, forced is what a caller asked for who is not known yet.
	sampled, forced bool
	story           Story
	own             bool // the story is one that this request begins

	mu      sync.Mutex
	kept    []sdktrace.ReadOnlySpan
	bytes   int
	ids     []trace.SpanID // of all spans that began
	dropped int
	over    bool
}

// Begin opens the trace of a request, or returns nil where tracing is off. The context goes on with the trace of the
// caller.
func (t *Tracing) Begin(r *http.Request, caller Caller, kind trace.SpanKind, story Story) (context.Context, *Request) {
	if t == nil {
		return r.Context(), nil
	}
	rec := t.on.Load()
	if rec == nil {
		return r.Context(), nil
	}
	ctx := propagation.TraceContext{}.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
	if remote := trace.SpanContextFromContext(ctx); caller == Stranger && remote.TraceState().Len() > 0 {
		// It is up to 16 KiB of whatever they like, would be in every span, and would be told to receivers of hooks.
		ctx = trace.ContextWithRemoteSpanContext(ctx, remote.WithTraceState(trace.TraceState{}))
	}
	return rec.begin(ctx, Method(r), caller, kind, story)
}

// Job opens the trace of work that no request waits for.
func (t *Tracing) Job(ctx context.Context, name string) (context.Context, *Request) {
	if t == nil {
		return ctx, nil
	}
	rec := t.on.Load()
	if rec == nil {
		return ctx, nil
	}
	return rec.begin(trace.ContextWithSpanContext(ctx, trace.SpanContext{}), name, Stranger, trace.SpanKindInternal, Story{})
}

func (rec *recorder) begin(ctx context.Context, name string, caller Caller, kind trace.SpanKind, story Story) (context.Context, *Request) {
	q := &Request{recorder: rec, story: story}
	remote := trace.SpanContextFromContext(ctx)
	switch {
	case story.valid():
		q.sampled = story.sampled
	case remote.IsValid() && caller == Trusted:
		q.sampled = remote.IsSampled()
	case remote.IsValid() && !remote.IsSampled():
		// They keep nothing of their part.
	default:
		// Not by the id, which strangers choose.
		q.sampled = rec.sample > 0 && rand.Float64() < rec.sample //nolint:gosec // nothing hangs on it
	}
	q.forced = remote.IsSampled()
	opts := []trace.SpanStartOption{trace.WithSpanKind(kind)}
	if story.valid() {
		opts = append(opts, trace.WithLinks(story.link()))
	}
	_, root := rec.tracer.Start(context.WithValue(ctx, headKey{}, q), name, opts...)
	q.root = &span{Span: root, filter: rec.filter}
	return trace.ContextWithSpan(ctx, q.root), q
}

// Root returns the span of the whole request.
func (q *Request) Root() trace.Span {
	if q == nil {
		return nil
	}
	return q.root
}

// TraceID returns the id of the trace.
func (q *Request) TraceID() string {
	if q == nil {
		return ""
	}
	return q.root.SpanContext().TraceID().String()
}

// Story returns the sign-in that the request is a step of.
func (q *Request) Story() Story {
	if q == nil {
		return Story{}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.story
}

// Tell begins a sign-in with this request.
func (q *Request) Tell() {
	if q == nil {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	c := q.root.SpanContext()
	q.story, q.own = Story{trace: c.TraceID(), span: c.SpanID(), sampled: q.sampled}, true
}

// Join makes the request a step of a sign-in that became known on the way, unless it is of one already.
func (q *Request) Join(s Story) {
	if q == nil || !s.valid() {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.story.valid() {
		return
	}
	q.story = s
	q.sampled = q.sampled || s.sampled
	q.root.AddLink(s.link())
}

// Follow links to a request that caused this work.
func (q *Request) Follow(of trace.SpanContext) {
	if q == nil || !of.IsValid() {
		return
	}
	q.root.AddLink(trace.Link{SpanContext: of})
}

// Outcome is how a request ended.
type Outcome struct {
	// Name is that of the request without anything that differs from one to the next.
	Name string
	// Failed says that somebody may want to know why.
	Failed bool
	// Fault says that it was not the caller's.
	Fault bool
	// Known says that the caller has proven who they are.
	Known bool
	Attrs []attribute.KeyValue
}

// Sends reports whether the trace of a request that ends so is sent.
func (q *Request) Sends(failed, known bool) bool {
	if q == nil {
		return false
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.sampled || failed || known && q.forced || q.recorder.stories.failed(q.story)
}

// End closes the trace.
func (q *Request) End(o Outcome) {
	if q == nil {
		return
	}
	send := q.Sends(o.Failed, o.Known)
	story := q.Story()
	if o.Name != "" {
		q.root.SetName(o.Name)
	}
	q.root.SetAttributes(o.Attrs...)
	if story.valid() {
		q.root.SetAttributes(attribute.String("identityd.sign_in", story.ID()))
	}
	q.mu.Lock()
	if q.dropped > 0 {
		q.root.SetAttributes(attribute.Int("identityd.dropped_spans", q.dropped))
	}
	q.mu.Unlock()
	if o.Fault {
		q.root.SetStatus(codes.Error, "")
	}
	q.root.End()
	kept := q.close()
	if o.Failed {
		kept = append(q.recorder.stories.fail(story), kept...)
	}
	if send {
		q.recorder.out.add(kept)
		return
	}
	q.recorder.stories.hold(story, kept)
}

// close lets go of what was kept. Spans that are open still are not waited for: some are never ended.
func (q *Request) close() []sdktrace.ReadOnlySpan {
	b := q.recorder.buffer
	b.mu.Lock()
	defer b.mu.Unlock()
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, id := range q.ids {
		delete(b.live, id)
	}
	kept := q.kept
	b.bytes.Add(int64(-q.bytes))
	q.kept, q.ids, q.bytes, q.over = nil, nil, 0, true
	return kept
}
