package middleware_test

import (
	"context"
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
	"example.com/identityd/internal/plainpage/plaintest"
)

func TestRecover(t *testing.T) {
	const browser = "text/html,application/xhtml+xml,*/*;q=0.8"
	tests := []struct {
		name     string
		accept   string
		wantType string
		wantBody []string
	}{
		{
			name: "a client gets JSON", accept: "*/*", wantType: "application/json; charset=utf-8",
			wantBody: []string{
				`{"error":{"code":500,"status":"Internal Server Error","reason":"Something went`,
				`"request":"the-id"}}`,
			},
		},
		{
			name: "a browser gets a page", accept: browser, wantType: "text/html; charset=utf-8",
			wantBody: []string{"<h1>Something went wrong on our side</h1>", "<code><bdi>the-id</bdi></code>"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			log, line := newLog()
			count := 0
			h := middleware.Chain(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "3")
				w.Header().Set("Etag", `"x"`)
				panic("the cause")
			}), plaintest.Middleware(t), middleware.RequestID, middleware.Recover(log, func(context.Context) { count++ }))
			req := httptest.NewRequest(http.MethodGet, "/x?code=1", nil)
			req.Header.Set("Accept", tt.accept)
			req.Header.Set(middleware.RequestIDHeader, "the-id")
			w := httptest.NewRecorder()
			h.ServeHTTP(w, req)

			if w.Code != http.StatusInternalServerError || w.Header().Get("Content-Type") != tt.wantType {
				t.Errorf("got %d %s, want 500 %s", w.Code, w.Header().Get("Content-Type"), tt.wantType)
			}
			for _, want := range tt.wantBody {
				if !strings.Contains(w.Body.String(), want) {
					t.Errorf("body %s does not hold %s", w.Body, want)
				}
			}
			for _, leak := range []string{"the cause", "goroutine"} {
				if strings.Contains(w.Body.String(), leak) {
					t.Errorf("body shows %q: %s", leak, w.Body)
				}
			}
			if w.Header().Get("Content-Length") != "" || w.Header().Get("Etag") != "" {
				t.Errorf("got the panicking handler's headers %v", w.Header())
			}
			if count != 1 {
				t.Errorf("counted %d panics, want 1", count)
			}
			got := line(t)
			stack, _ := got["stack"].(string)
			if !strings.Contains(stack, "recover_test.go") {
				t.Errorf("the stack does not lead to the panic: %s", stack)
			}
			delete(got, "stack")
			delete(got, "time")
			want := map[string]any{
				"level": "ERROR", "msg": "request panicked", "request_id": "the-id",
				"method": "GET", "path": "/x", "panic": "the cause",
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("line (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRecoverDropsTheConnectionWhenAnAnswerHasBegun(t *testing.T) {
	log, line := newLog()
	h := middleware.Recover(log, nil)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "half")
		_ = http.NewResponseController(w).Flush()
		panic("late")
	}))
	srv := httptest.NewServer(h)
	defer srv.Close()
	resp, err := srv.Client().Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %q and %v, want a broken response", body, err)
	}
	// The line is whole once the handler is done.
	srv.Close()
	if got := line(t)["panic"]; got != "late" {
		t.Errorf("logged %v, want late", got)
	}
}

func TestRecoverLeavesAbortsAlone(t *testing.T) {
	h := middleware.Recover(slog.New(slog.DiscardHandler), func(context.Context) { t.Error("counted an abort") })(
		http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer func() {
		err, _ := recover().(error)
		if !errors.Is(err, http.ErrAbortHandler) {
			t.Errorf("got panic %v, want %v", err, http.ErrAbortHandler)
		}
	}()
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
}
