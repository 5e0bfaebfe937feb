package ory

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"

	"go.opentelemetry.io/otel/trace"
)

// ErrNotServing is the answer of a Transport that has no handler yet.
var ErrNotServing = errors.New("the engine is not serving yet")

// Transport calls a handler of this process as if it were a server elsewhere: the same contract, no
// socket. Its zero value answers ErrNotServing until Serve is called, so that engines that call each
// other can be built in any order.
type Transport struct {
	// Name says whom it calls, for errors: "hydra admin".
	Name string
	// Carry, when set, copies values that may cross into the fresh context of a call.
	Carry func(from, to context.Context) context.Context
	// Open, when set, begins the span of a call, or returns nil.
	Open func(ctx context.Context, name string, opts ...trace.SpanStartOption) trace.Span
	// Around, when set, runs the call. It is the place to give up a lock for its duration.
	Around func(ctx context.Context, call func())

	handler atomic.Pointer[http.Handler]
}

// Serve sets the handler.
func (t *Transport) Serve(h http.Handler) { t.handler.Store(&h) }

// RoundTrip implements http.RoundTripper. The handler gets a fresh context: ory/x/popx keeps the
// running SQL transaction in the context under one key for both engines, and a call that inherited
// it would run its statements in the other engine's database (docs/ory-quirks.md#q20). Only the
// deadline, the cancellation, the span and what Carry takes cross over.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	body := r.Body
	if body == nil {
		body = http.NoBody
	}
	defer body.Close()
	h := t.handler.Load()
	if h == nil {
		return nil, fmt.Errorf("calling %s: %w", t.Name, ErrNotServing)
	}
	ctx, cancel := t.Context(r.Context())
	defer cancel()
	if t.Open != nil {
		if span := t.Open(r.Context(), "call "+t.Name, trace.WithSpanKind(trace.SpanKindClient)); span != nil {
			defer span.End()
			ctx = trace.ContextWithSpan(ctx, span)
		}
	}

	in := r.Clone(ctx)
	in.Body = body
	in.RequestURI = r.URL.RequestURI()
	in.URL.Scheme, in.URL.Host = "", ""
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	in.Proto, in.ProtoMajor, in.ProtoMinor = "HTTP/1.1", 1, 1
	// Hydra splits it into host and port (hydra: x/tls_termination.go).
	in.RemoteAddr = "127.0.0.1:0"

	w := &answer{header: http.Header{}}
	var err error
	call := func() { err = t.serve(*h, w, in) }
	if t.Around != nil {
		t.Around(r.Context(), call)
	} else {
		call()
	}
	if err != nil {
		return nil, err
	}
	if ctx.Err() != nil && !w.wrote {
		return nil, fmt.Errorf("calling %s: %w", t.Name, context.Cause(ctx))
	}
	return w.response(r), nil
}

// Context returns the context of a call that is not a request.
func (t *Transport) Context(from context.Context) (context.Context, context.CancelFunc) {
	to := trace.ContextWithSpan(context.Background(), trace.SpanFromContext(from))
	if t.Carry != nil {
		to = t.Carry(from, to)
	}
	cancelDeadline := context.CancelFunc(func() {})
	if d, ok := from.Deadline(); ok {
		to, cancelDeadline = context.WithDeadline(to, d)
	}
	to, cancel := context.WithCancel(to)
	stop := context.AfterFunc(from, cancel)
	return to, func() { stop(); cancel(); cancelDeadline() }
}

// serve contains a panic: a fault of one engine is an error to the other, not the end of its
// request's goroutine.
func (t *Transport) serve(h http.Handler, w http.ResponseWriter, r *http.Request) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("calling %s: panic: %v", t.Name, v)
		}
	}()
	h.ServeHTTP(w, r)
	return nil
}

// answer is a response in memory.
type answer struct {
	header http.Header
	sent   http.Header // as it was when the status was written
	body   bytes.Buffer
	status int
	wrote  bool
}

// Header implements http.ResponseWriter.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(status int) {
	if a.wrote || status < 200 {
		return
	}
	a.wrote, a.status, a.sent = true, status, a.header.Clone()
}

// Write implements http.ResponseWriter.
func (a *answer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(p)
}

func (a *answer) response(r *http.Request) *http.Response {
	a.WriteHeader(http.StatusOK)
	if a.sent.Get("Content-Type") == "" && a.body.Len() > 0 {
		a.sent.Set("Content-Type", http.DetectContentType(a.body.Bytes()))
	}
	return &http.Response{
		Status:        strings.TrimSpace(fmt.Sprintf("%d %s", a.status, http.StatusText(a.status))),
		StatusCode:    a.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        a.sent,
		Body:          io.NopCloser(bytes.NewReader(a.body.Bytes())),
		ContentLength: int64(a.body.Len()),
		Request:       r,
	}
}
