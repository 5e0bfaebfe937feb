package supervisor_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"example.com/identityd/internal/supervisor"
)

func TestGate(t *testing.T) {
	const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	app := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "app "+r.Method+" "+r.URL.Path)
	})
	tests := []struct {
		name     string
		open     bool
		do       func(r *supervisor.Readiness)
		method   string
		path     string
		accept   string
		wantCode int
		wantBody string // contained
		wantType string
	}{
		{
			name: "closed it gives the reason as JSON",
			path: "/oauth2/auth", accept: "*/*",
			wantCode: 503, wantBody: `"reason":"starting: waiting for \u003cthe\u003e database"`,
			wantType: "application/json; charset=utf-8",
		},
		{
			name: "closed it leaves a person to the page",
			path: "/login", accept: browser,
			wantCode: 503, wantBody: "a page", wantType: "text/html",
		},
		{
			name: "closed it is alive",
			path: "/health/alive", wantCode: 200, wantBody: `{"status":"ok"}`,
			wantType: "application/json; charset=utf-8",
		},
		{
			name: "closed it is not ready, with the reason",
			path: "/health/ready", wantCode: 503, wantBody: `{"errors":{"startup":`,
			wantType: "application/json; charset=utf-8",
		},
		{
			name: "closed it answers health under a prefix",
			path: "/admin/health/alive", wantCode: 200, wantBody: `{"status":"ok"}`,
			wantType: "application/json; charset=utf-8",
		},
		{
			name: "closed it does not take a longer path for health",
			path: "/health/alive/x", wantCode: 503, wantBody: `"code":503`,
			wantType: "application/json; charset=utf-8",
		},
		{
			name: "open it lets requests through",
			open: true, path: "/login", accept: browser, wantCode: 200, wantBody: "app GET /login",
		},
		{
			name: "open it still answers health itself",
			open: true, do: (*supervisor.Readiness).Ready,
			path: "/health/ready", wantCode: 200, wantBody: `{"status":"ok"}`,
			wantType: "application/json; charset=utf-8",
		},
		{
			name: "open it lets other methods on a health path through",
			open: true, method: http.MethodPost,
			path: "/health/ready", wantCode: 200, wantBody: "app POST /health/ready",
		},
		{
			name: "open it goes on serving while draining",
			open: true, do: (*supervisor.Readiness).Draining,
			path: "/login", wantCode: 200, wantBody: "app GET /login",
		},
		{
			name: "closed and draining it says that it is stopping",
			do:   (*supervisor.Readiness).Draining,
			path: "/login", wantCode: 503, wantBody: `"reason":"stopping"`,
			wantType: "application/json; charset=utf-8",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := supervisor.NewReadiness("waiting for <the> database")
			g := supervisor.NewGate(r, "/admin/")
			g.Page = func(w http.ResponseWriter, r *http.Request) bool {
				if r.Header.Get("Accept") != browser {
					return false
				}
				w.Header().Set("Content-Type", "text/html")
				w.WriteHeader(http.StatusServiceUnavailable)
				fmt.Fprint(w, "a page")
				return true
			}
			if tt.open {
				g.Open(app)
			}
			if tt.do != nil {
				tt.do(r)
			}
			method := tt.method
			if method == "" {
				method = http.MethodGet
			}
			req := httptest.NewRequest(method, tt.path, nil)
			if tt.accept != "" {
				req.Header.Set("Accept", tt.accept)
			}
			w := httptest.NewRecorder()
			g.ServeHTTP(w, req)
			if w.Code != tt.wantCode {
				t.Errorf("code: got %d, want %d", w.Code, tt.wantCode)
			}
			if got := w.Body.String(); !strings.Contains(got, tt.wantBody) {
				t.Errorf("body: got %q, want it to hold %q", got, tt.wantBody)
			}
			if got := w.Header().Get("Content-Type"); tt.wantType != "" && got != tt.wantType {
				t.Errorf("Content-Type: got %q, want %q", got, tt.wantType)
			}
			if got := w.Header().Get("Retry-After"); (got == "1") != (tt.wantCode == 503) {
				t.Errorf("Retry-After: got %q with code %d", got, tt.wantCode)
			}
		})
	}
}

func TestGateOpensUnderLoad(t *testing.T) {
	g := supervisor.NewGate(supervisor.NewReadiness("booting"))
	opened := make(chan struct{})
	var clients sync.WaitGroup
	for range 8 {
		clients.Go(func() {
			for after := 0; after < 50; {
				var isOpen bool
				select {
				case <-opened:
					isOpen = true
					after++
				default:
				}
				w := httptest.NewRecorder()
				g.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
				if isOpen && w.Code != http.StatusTeapot {
					t.Errorf("after Open: got %d, want %d", w.Code, http.StatusTeapot)
				}
			}
		})
	}
	g.Open(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusTeapot)
	}))
	close(opened)
	clients.Wait()
}
