package middleware_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/middleware"
)

func TestAccessLog(t *testing.T) {
	tests := []struct {
		name    string
		path    string
		method  string
		remote  string
		handler http.HandlerFunc
		want    map[string]any // in addition to the keys that all rows share
	}{
		{
			name: "a request has one line without its query", path: "/login?login_challenge=x",
			handler: func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusFound)
				fmt.Fprint(w, "12345")
			},
			want: map[string]any{"path": "/login", "status": 302.0, "bytes": 5.0},
		},
		{
			name: "a handler that writes nothing answered 200", path: "/",
			handler: func(http.ResponseWriter, *http.Request) {},
			want:    map[string]any{"path": "/", "status": 200.0},
		},
		{
			name: "an informational response is not the status", path: "/",
			handler: func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusEarlyHints)
				w.WriteHeader(http.StatusNotFound)
			},
			want: map[string]any{"path": "/", "status": 404.0},
		},
		{
			name: "an aborted request has its line", path: "/",
			handler: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
			want:    map[string]any{"path": "/", "status": 0.0, "aborted": true},
		},
		{
			name: "a health probe is for debugging", path: "/admin/health/ready",
			handler: func(http.ResponseWriter, *http.Request) {},
			want:    map[string]any{"path": "/admin/health/ready", "status": 200.0, "level": "DEBUG"},
		},
		{
			name: "control characters in the path are replaced", path: "/a%0Ab%1b%5b2J%e2%80%ae%ff",
			handler: func(http.ResponseWriter, *http.Request) {},
			want:    map[string]any{"path": "/a?b?[2J??", "status": 200.0},
		},
		{
			name: "a long path is cut", path: "/" + strings.Repeat("ä", 300),
			handler: func(http.ResponseWriter, *http.Request) {},
			want:    map[string]any{"path": "/" + strings.Repeat("ä", 126) + "…", "status": 200.0},
		},
		{
			name: "a long method is cut", path: "/", method: strings.Repeat("M", 100),
			handler: func(http.ResponseWriter, *http.Request) {},
			want: map[string]any{
				"path": "/", "status": 200.0, "method": strings.Repeat("M", 13) + "…",
			},
		},
		{
			name: "an IPv6 peer has no brackets", path: "/", remote: "[2001:db8::1]:99",
			handler: func(http.ResponseWriter, *http.Request) {},
			want:    map[string]any{"path": "/", "status": 200.0, "remote_ip": "2001:db8::1"},
		},
		{
			name: "a call over no socket has no peer", path: "/", remote: "in-process",
			handler: func(http.ResponseWriter, *http.Request) {},
			want:    map[string]any{"path": "/", "status": 200.0, "remote_ip": ""},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			log, line := newLog()
			annotate := func(context.Context) []slog.Attr {
				return []slog.Attr{slog.Int("sql_statements", 7)}
			}
			h := middleware.Chain(tt.handler, middleware.RequestID,
				middleware.AccessLog(log, "public", annotate))
			method := tt.method
			if method == "" {
				method = http.MethodGet
			}
			req := httptest.NewRequest(method, tt.path, nil)
			req.Header.Set(middleware.RequestIDHeader, "the-id")
			if tt.remote != "" {
				req.RemoteAddr = tt.remote
			}
			func() {
				defer func() {
					if p := recover(); p != nil && p != http.ErrAbortHandler { //nolint:errorlint // identity
						t.Errorf("panic: %v", p)
					}
				}()
				h.ServeHTTP(httptest.NewRecorder(), req)
			}()
			want := map[string]any{
				"level": "INFO", "msg": "request", "listener": "public", "method": method,
				"bytes": 0.0, "request_id": "the-id", "remote_ip": "192.0.2.1", "sql_statements": 7.0,
			}
			for k, v := range tt.want {
				want[k] = v
			}
			got := line(t)
			if d, ok := got["duration_ms"].(float64); !ok || d < 0 {
				t.Errorf("duration_ms: got %v, want a number", got["duration_ms"])
			}
			delete(got, "time")
			delete(got, "duration_ms")
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("line (-want +got):\n%s", diff)
			}
		})
	}
}
