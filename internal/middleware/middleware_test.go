package middleware_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/middleware"
)

// newLog returns a logger and what reads its only line.
func newLog() (*slog.Logger, func(t *testing.T) map[string]any) {
	out := &bytes.Buffer{}
	log := slog.New(slog.NewJSONHandler(out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	return log, func(t *testing.T) map[string]any {
		t.Helper()
		if got := strings.Count(out.String(), "\n"); got != 1 {
			t.Fatalf("got %d lines, want 1:\n%s", got, out)
		}
		var line map[string]any
		if err := json.Unmarshal(out.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		return line
	}
}

func TestChainRunsTheFirstFirst(t *testing.T) {
	var got []string
	mark := func(name string) middleware.Middleware {
		return func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				got = append(got, name)
				next.ServeHTTP(w, r)
			})
		}
	}
	h := middleware.Chain(http.NotFoundHandler(), mark("one"), mark("two"), mark("three"))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
	if diff := cmp.Diff([]string{"one", "two", "three"}, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

func TestRequestID(t *testing.T) {
	tests := []struct {
		name, in string
		kept     bool
	}{
		{"a well-formed id is kept", "abc-DEF_1.2", true},
		{"an id of 64 characters is kept", strings.Repeat("a", 64), true},
		{"an id of 65 characters is replaced", strings.Repeat("a", 65), false},
		{"an absent id is made", "", false},
		{"an id with a space is replaced", "a b", false},
		{"an id with a line break is replaced", "a\nb", false},
		{"an id with letters beyond ASCII is replaced", "ä", false},
		{"an id with quotes is replaced", `a"b`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var inContext, onRequest string
			var attrs []slog.Attr
			h := middleware.RequestID(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				inContext = middleware.RequestIDFrom(r.Context())
				onRequest = r.Header.Get(middleware.RequestIDHeader)
				attrs = middleware.RequestIDAttrs(r.Context())
			}))
			req := httptest.NewRequest(http.MethodGet, "/", nil)
			if tt.in != "" {
				req.Header[middleware.RequestIDHeader] = []string{tt.in}
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, req)
			if inContext == "" || (inContext == tt.in) != tt.kept {
				t.Errorf("got %q for %q, want it kept: %v", inContext, tt.in, tt.kept)
			}
			if onResponse := w.Header().Get(middleware.RequestIDHeader); onRequest != inContext ||
				onResponse != inContext {
				t.Errorf("got %q in the context, %q on the request, %q on the response, want one id",
					inContext, onRequest, onResponse)
			}
			if len(attrs) != 1 || attrs[0].Key != "request_id" || attrs[0].Value.String() != inContext {
				t.Errorf("got attributes %v, want the request id", attrs)
			}
			if got := req.Header.Get(middleware.RequestIDHeader); got != tt.in {
				t.Errorf("the caller's request was changed to %q", got)
			}
		})
	}
}

func TestRequestIDsDiffer(t *testing.T) {
	seen := map[string]bool{}
	h := middleware.RequestID(http.NotFoundHandler())
	for range 100 {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		seen[w.Header().Get(middleware.RequestIDHeader)] = true
	}
	if len(seen) != 100 {
		t.Errorf("got %d different ids for 100 requests", len(seen))
	}
	if attrs := middleware.RequestIDAttrs(t.Context()); attrs != nil {
		t.Errorf("got attributes %v outside of a request, want none", attrs)
	}
}

// TestWrappersKeepTheControllerWorking runs on a real server: a recorder can do less than net/http.
func TestWrappersKeepTheControllerWorking(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	h := middleware.Chain(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/flush" {
			if _, ok := w.(http.Flusher); !ok {
				t.Error("the writer is no http.Flusher")
			}
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Errorf("flushing: %v", err)
			}
			return
		}
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Errorf("hijacking: %v", err)
			return
		}
		defer conn.Close()
		fmt.Fprint(rw, "HTTP/1.1 204 No Content\r\n\r\n")
		_ = rw.Flush()
	}), middleware.RequestID, middleware.AccessLog(log, "public", nil), middleware.Recover(log, nil),
		middleware.Limit(10))
	srv := httptest.NewServer(h)
	defer srv.Close()
	for path, want := range map[string]int{"/flush": 200, "/hijack": 204} {
		resp, err := srv.Client().Get(srv.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s: got %d, want %d", path, resp.StatusCode, want)
		}
	}
}

func TestLimit(t *testing.T) {
	tests := []struct {
		name     string
		body     io.Reader
		wantCode int
		wantRead string // what the handler saw, or its error
	}{
		{"a body at the limit is read", strings.NewReader("12345"), 200, "12345"},
		{"no body is no problem", nil, 200, ""},
		{"a declared length beyond the limit never reaches the handler", strings.NewReader("123456"), 413, "never"},
		{
			"an undeclared length ends at the limit", io.MultiReader(strings.NewReader("123456")), 200,
			"http: request body too large",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			read := "never"
			h := middleware.Limit(5)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				read = string(body)
				if err != nil {
					read = err.Error()
				}
				var tooLarge *http.MaxBytesError
				if err != nil && !errors.As(err, &tooLarge) {
					t.Errorf("got %v, want an *http.MaxBytesError", err)
				}
			}))
			req := httptest.NewRequest(http.MethodPost, "/", tt.body)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, req)
			if w.Code != tt.wantCode || read != tt.wantRead {
				t.Errorf("got %d and %q, want %d and %q", w.Code, read, tt.wantCode, tt.wantRead)
			}
			if tt.wantCode == 413 && !strings.Contains(w.Body.String(), "more than 5 bytes") {
				t.Errorf("got body %s, want the limit in it", w.Body)
			}
		})
	}
}
