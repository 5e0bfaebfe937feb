package tracing

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

func TestRoutes(t *testing.T) {
	k := newRoutes()
	t.Run("every route of the engines has a name of its own", func(t *testing.T) {
		for _, file := range []string{"../hydra/testdata/routes.json", "../kratos/testdata/routes.json"} {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var list []string
			if err := json.Unmarshal(raw, &list); err != nil || len(list) < 10 {
				t.Fatalf("%s: got %d routes (%v)", file, len(list), err)
			}
			for _, route := range list {
				path, _, _ := strings.Cut(route, " ")
				var want []string
				for segment := range strings.SplitSeq(path, "/") {
					if strings.HasPrefix(segment, ":") {
						segment = "{}"
					}
					want = append(want, segment)
				}
				if diff := cmp.Diff(strings.Join(want, "/"), k.of(path)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", path, diff)
				}
			}
		}
	})
	for path, want := range map[string]string{
		"/": "/", "/admin/identities/19d19d4c-0a22": "/admin/identities/{}", "/wp-admin/setup.php": "/{}", "/login": "/login",
		"/account/inbox/17/html": "/account/inbox/{}/html", "/admin/a/b/c/d/e/f/g/h": "/admin/{}/{}/{}/{}/{}/{}", "/login/<script>": "/login/{}",
	} {
		t.Run("the name of "+path, func(t *testing.T) {
			if got := k.of(path); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

func TestOperation(t *testing.T) {
	for query, want := range map[string][2]string{
		`SELECT a, b FROM "hydra_client" AS c WHERE id = 'x@example.com'`: {"SELECT", "hydra_client"},
		"INSERT INTO sessions (id) VALUES ($1)":                           {"INSERT", "sessions"},
		"UPDATE identities SET traits = ? WHERE id = ?":                   {"UPDATE", "identities"},
		"delete from courier_messages where id in (1)":                    {"DELETE", "courier_messages"},
		"COMMIT":                               {"COMMIT", ""},
		"SAVEPOINT cockroach_restart":          {"SAVEPOINT", ""},
		"SELECT x FROM (SELECT y FROM things)": {"SELECT", "things"},
		"'ada@example.com'":                    {"SQL", ""},
		"":                                     {"", ""},
	} {
		t.Run("what is done by "+query, func(t *testing.T) {
			verb, table := operation(query)
			if diff := cmp.Diff(want, [2]string{verb, table}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCookies(t *testing.T) {
	key := func(b byte) []byte { return []byte(strings.Repeat(string(b), 32)) }
	old, err := NewCookies([][]byte{key('a')}, "")
	if err != nil {
		t.Fatal(err)
	}
	now, err := NewCookies([][]byte{key('b'), key('a')}, "")
	if err != nil {
		t.Fatal(err)
	}
	story := Story{trace: trace.TraceID{1, 2}, span: trace.SpanID{3}, sampled: true}
	for name, tt := range map[string]struct {
		text string
		want bool
	}{
		"one of now opens":             {now.Pack(story, time.Now()), true},
		"one under the older key too":  {old.Pack(story, time.Now()), true},
		"one that is too old does not": {now.Pack(story, time.Now().Add(-2*storyLife)), false},
		"nor one of the future":        {now.Pack(story, time.Now().Add(time.Hour)), false},
		"nor what is none":             {strings.Repeat("A", 82), false},
		"nor what is long":             {strings.Repeat("A", 5000), false},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := now.Unpack(tt.text)
			if ok != tt.want || ok && got != story {
				t.Errorf("got %v %t", got, ok)
			}
		})
	}
	t.Run("what was changed does not open", func(t *testing.T) {
		raw, err := base64.RawURLEncoding.DecodeString(now.Pack(story, time.Now()))
		if err != nil {
			t.Fatal(err)
		}
		for i := range raw {
			changed := slices.Clone(raw)
			changed[i] ^= 1
			for name, sent := range map[string][]byte{"changed in": changed, "cut at": raw[:i]} {
				if _, ok := now.Unpack(base64.RawURLEncoding.EncodeToString(sent)); ok {
					t.Errorf("%s byte %d it opened", name, i)
				}
			}
		}
	})
	t.Run("its name and its marks are those of the address", func(t *testing.T) {
		h := http.Header{}
		now.Set(h, story, true)
		(&Cookies{aeads: now.aeads, Domain: "example.com"}).Set(h, Story{}, true)
		list := h["Set-Cookie"]
		for i, want := range []string{"__Host-identityd_trace=", "identityd_trace=; Path=/; Domain=example.com; Max-Age=0; HttpOnly; Secure; SameSite=Lax"} {
			if !strings.HasPrefix(list[i], want) {
				t.Errorf("got %q, want %q", list[i], want)
			}
		}
		if !strings.HasSuffix(list[0], "; Path=/; Max-Age=1800; HttpOnly; Secure; SameSite=Lax") {
			t.Errorf("got %q", list[0])
		}
	})
	t.Run("its text is read again", func(t *testing.T) {
		if got, ok := ParseStory(story.Text()); !ok || got != story {
			t.Errorf("got %v %t", got, ok)
		}
		for _, bad := range []string{"", "00-x-y-01", "00-00000000000000000000000000000000-0000000000000000-01"} {
			if _, ok := ParseStory(bad); ok {
				t.Errorf("%q was read", bad)
			}
		}
	})
}

// started is a Tracing whose collector takes everything.
func started(t *testing.T, sample float64) (*Tracing, *recorder) {
	t.Helper()
	to := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
	t.Cleanup(to.Close)
	tr := New(Config{Log: slog.New(slog.DiscardHandler)})
	if err := tr.Become(t.Context(), Settings{Endpoint: to.URL, Sample: sample, Way: http.DefaultTransport}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tr.Close(t.Context()) })
	return tr, tr.on.Load()
}

func queued(r *recorder) (names []string) {
	r.out.mu.Lock()
	defer r.out.mu.Unlock()
	for _, s := range r.out.queue {
		names = append(names, s.Name())
	}
	return names
}

func TestRequests(t *testing.T) {
	request := func() *http.Request { return httptest.NewRequest(http.MethodGet, "/login", http.NoBody) }
	t.Run("what goes well is forgotten without a share", func(t *testing.T) {
		tr, r := started(t, 0)
		ctx, q := tr.Begin(request(), Stranger, trace.SpanKindServer, Story{})
		if s := tr.Open(ctx, "inner"); s == nil {
			t.Error("no span was opened")
		} else {
			s.End()
		}
		q.End(Outcome{Name: "GET /login"})
		if got := queued(r); len(got) > 0 {
			t.Errorf("got %v", got)
		}
		if n := r.buffer.bytes.Load(); n != 0 || len(r.buffer.live) != 0 {
			t.Errorf("%d bytes and %d spans are kept", n, len(r.buffer.live))
		}
	})
	t.Run("what fails takes the steps before with it", func(t *testing.T) {
		tr, r := started(t, 0)
		_, first := tr.Begin(request(), Stranger, trace.SpanKindServer, Story{})
		first.Tell()
		story := first.Story()
		first.End(Outcome{Name: "first"})
		_, second := tr.Begin(request(), Stranger, trace.SpanKindServer, story)
		second.End(Outcome{Name: "second", Failed: true})
		_, third := tr.Begin(request(), Stranger, trace.SpanKindServer, story)
		if !third.Sends(false, false) {
			t.Error("a step after the failure is not sent")
		}
		third.End(Outcome{Name: "third"})
		if diff := cmp.Diff([]string{"first", "second", "third"}, queued(r)); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("a request may have so many spans", func(t *testing.T) {
		tr, _ := started(t, 1)
		ctx, q := tr.Begin(request(), Stranger, trace.SpanKindServer, Story{})
		for range 2 * mostSpans {
			if s := tr.Open(ctx, "inner"); s != nil {
				s.End()
			}
		}
		q.End(Outcome{})
		// So many wake the exporter at once, which takes them out of the queue.
		tr.Close(t.Context())
		if got := tr.Stats().Sent + tr.Stats().Failed; got > mostSpans+1 || got < mostSpans/2 {
			t.Errorf("got %d", got)
		}
		if tr.Stats().Crowded == 0 {
			t.Error("nobody counted the others")
		}
	})
	t.Run("a span that nobody ends is forgotten with its request", func(t *testing.T) {
		tr, r := started(t, 1)
		ctx, q := tr.Begin(request(), Stranger, trace.SpanKindServer, Story{})
		late := tr.Open(ctx, "never ended")
		q.End(Outcome{})
		if len(r.buffer.live) != 0 || tr.Open(ctx, "too late") != nil {
			t.Errorf("%d spans are kept", len(r.buffer.live))
		}
		late.End()
		if n := r.buffer.bytes.Load(); n != 0 {
			t.Errorf("%d bytes are kept", n)
		}
	})
	t.Run("two requests of one trace are kept apart", func(t *testing.T) {
		tr, r := started(t, 0)
		one := request()
		one.Header.Set("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")
		a, first := tr.Begin(one, Trusted, trace.SpanKindServer, Story{})
		b, second := tr.Begin(one, Trusted, trace.SpanKindServer, Story{})
		tr.Open(a, "of the first").End()
		tr.Open(b, "of the second").End()
		first.End(Outcome{Name: "first"})
		second.End(Outcome{Name: "second", Failed: true})
		if diff := cmp.Diff([]string{"of the second", "second"}, queued(r)); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("who may have it sent", func(t *testing.T) {
		tr, _ := started(t, 0)
		one := request()
		one.Header.Set("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
		for _, tt := range []struct {
			caller      Caller
			known, want bool
		}{{Stranger, false, false}, {Stranger, true, true}, {Trusted, false, true}} {
			_, q := tr.Begin(one, tt.caller, trace.SpanKindServer, Story{})
			if got := q.Sends(false, tt.known); got != tt.want {
				t.Errorf("%v: got %t", tt, got)
			}
			q.End(Outcome{})
		}
	})
	t.Run("what a stranger writes beside the trace goes no further", func(t *testing.T) {
		tr, _ := started(t, 0)
		one := request()
		one.Header.Set("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
		one.Header.Set("Tracestate", "theirs="+strings.Repeat("a", 200))
		for caller, want := range map[Caller]int{Stranger: 0, Trusted: 1} {
			ctx, q := tr.Begin(one, caller, trace.SpanKindServer, Story{})
			inner := tr.Open(ctx, "inner")
			for _, s := range []trace.Span{q.Root(), inner} {
				if got := s.SpanContext().TraceState().Len(); got != want {
					t.Errorf("caller %d: got %d members, want %d", caller, got, want)
				}
			}
			if got := q.TraceID(); got != "0af7651916cd43dd8448eb211c80319c" {
				t.Errorf("the trace of the caller is not gone on with: got %s", got)
			}
			inner.End()
			q.End(Outcome{})
		}
	})
	t.Run("what is not on the list stays, and what an error says", func(t *testing.T) {
		tr, r := started(t, 1)
		ctx, q := tr.Begin(request(), Stranger, trace.SpanKindServer, Story{})
		s := tr.Open(ctx, "inner", trace.WithAttributes(attribute.String("url", "secret"), attribute.String("alg", "RS256")))
		s.SetAttributes(attribute.String("identifier", "secret"))
		s.AddEvent("LoginSucceeded", trace.WithAttributes(attribute.String("Token", "secret"), attribute.String("SessionAAL", "aal1")))
		s.RecordError(&os.PathError{Op: "open", Path: "secret", Err: os.ErrNotExist})
		s.End()
		q.End(Outcome{})
		r.out.mu.Lock()
		defer r.out.mu.Unlock()
		got := r.out.queue[0]
		want := []attribute.KeyValue{attribute.String("alg", "RS256"), attribute.String("error.type", "errors.errorString")}
		if diff := cmp.Diff(want, got.Attributes(), cmp.Comparer(func(a, b attribute.KeyValue) bool { return a.Key == b.Key && a.Value.String() == b.Value.String() })); diff != "" {
			t.Error(diff)
		}
		if e := got.Events(); len(e) != 1 || len(e[0].Attributes) != 1 {
			t.Errorf("got events %v", e)
		}
	})
	t.Run("a Tracing that is off, or is none, does nothing", func(t *testing.T) {
		for _, tr := range []*Tracing{nil, New(Config{})} {
			ctx, q := tr.Begin(request(), Trusted, trace.SpanKindServer, Story{})
			if q != nil || tr.On() || tr.Open(ctx, "x") != nil || q.TraceID() != "" || q.Sends(true, true) {
				t.Error("it does something")
			}
			q.End(Outcome{})
			tr.Close(t.Context())
		}
	})
}

// TestTheListIsInTheDocument holds docs/observability.md against what may leave.
func TestTheListIsInTheDocument(t *testing.T) {
	raw, err := os.ReadFile("../../docs/observability.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, says := range Attributes() {
		if row := "| `" + name + "` | " + says + " |"; !strings.Contains(string(raw), row) {
			t.Errorf("docs/observability.md lacks the row %s", row)
		}
	}
}
