package stacktest

import (
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	spans "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// otlp is a collector that takes spans by OTLP over HTTP.
type otlp struct {
	*httptest.Server
	mu      sync.Mutex
	spans   []*spans.Span
	raw     bytes.Buffer
	headers http.Header
	// hold, while it is not nil, is what every batch waits for; refuse answers 503.
	hold   chan struct{}
	refuse bool
	asked  int
	// from says of each span which process sent it.
	from map[*spans.Span]string
}

func newOTLP(t testing.TB) *otlp {
	t.Helper()
	c := &otlp{from: map[*spans.Span]string{}}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { c.take(t, w, r) }))
	t.Cleanup(c.Close)
	return c
}

func (c *otlp) take(t testing.TB, w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	hold, refuse := c.hold, c.refuse
	c.asked++
	c.mu.Unlock()
	if hold != nil {
		<-hold
	}
	if refuse {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if r.URL.Path != "/v1/traces" || r.Header.Get("Content-Encoding") != "gzip" || r.Header.Get("Content-Type") != "application/x-protobuf" {
		t.Errorf("got %s %v", r.URL.Path, r.Header)
	}
	z, err := gzip.NewReader(r.Body)
	if err != nil {
		t.Error(err)
		return
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		t.Error(err)
		return
	}
	var batch collector.ExportTraceServiceRequest
	if err := proto.Unmarshal(raw, &batch); err != nil {
		t.Error(err)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.headers = r.Header.Clone()
	c.raw.Write(raw)
	for _, resource := range batch.ResourceSpans {
		instance := ""
		for _, a := range resource.Resource.Attributes {
			if a.Key == "service.instance.id" {
				instance = a.Value.GetStringValue()
			}
		}
		for _, scope := range resource.ScopeSpans {
			c.spans = append(c.spans, scope.Spans...)
			for _, s := range scope.Spans {
				c.from[s] = instance
			}
		}
	}
}

// all returns what came so far.
func (c *otlp) all() []*spans.Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.spans)
}

// await waits until the spans are such that done is true.
func (c *otlp) await(t testing.TB, what string, done func([]*spans.Span) bool) []*spans.Span {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		if all := c.all(); done(all) {
			return all
		}
		<-time.After(20 * time.Millisecond)
	}
	names := map[string]int{}
	for _, s := range c.all() {
		names[s.Name]++
	}
	t.Fatalf("no span came that is %s; there are %v", what, names)
	return nil
}

// instance is the process that sent a span.
func (c *otlp) instance(s *spans.Span) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.from[s]
}

func spanText(s *spans.Span, key string) string {
	i := slices.IndexFunc(s.Attributes, func(a *common.KeyValue) bool { return a.Key == key })
	if i < 0 {
		return ""
	}
	return s.Attributes[i].Value.GetStringValue()
}

// ofRequest returns the span of a whole request.
func ofRequest(all []*spans.Span, id string) *spans.Span {
	for _, s := range all {
		if spanText(s, "identityd.request_id") == id {
			return s
		}
	}
	return nil
}

func traceOf(s *spans.Span) string { return hex.EncodeToString(s.TraceId) }
