package outage

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"example.com/identityd/internal/tried"
)

// TestUrgentRequestsAreShedLast fills a part with forms behind a database that takes a minute, and asks for
// tokens meanwhile; then the same without places of their own.
func TestUrgentRequestsAreShedLast(t *testing.T) {
	const places, forms, tokens = 8, 60, 20
	for name, tt := range map[string]struct {
		urgent func(*http.Request) bool
		want   int // tokens that are answered
	}{
		"with places of their own every token is answered": {func(r *http.Request) bool { return r.URL.Path == "/token" }, tokens},
		"without them none is":                             {nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := NewShedder(places, tt.urgent)
				h := s.Middleware(Hydra, nil, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
					if r.URL.Path != "/token" {
						<-time.After(time.Minute)
					}
				}))
				ask := func(path string) *httptest.ResponseRecorder {
					w := httptest.NewRecorder()
					h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, http.NoBody))
					return w
				}
				var flood sync.WaitGroup
				var mu sync.Mutex
				shed := 0
				for range forms {
					flood.Go(func() {
						if w := ask("/form"); w.Code == http.StatusServiceUnavailable && w.Header().Get("Retry-After") != "" {
							mu.Lock()
							shed++
							mu.Unlock()
						}
					})
				}
				synctest.Wait()
				answered := 0
				for range tokens {
					if ask("/token").Code == http.StatusOK {
						answered++
					}
				}
				flood.Wait()
				if answered != tt.want {
					t.Errorf("got %d of %d tokens answered, want %d", answered, tokens, tt.want)
				}
				if shed == 0 || s.Inside() != 0 || len(s.common.slots) != 0 {
					t.Errorf("got %d forms turned away and %d left inside", shed, s.Inside())
				}
				tried.Report(t, "60 forms that take a minute each, and 20 tokens; "+name, "%d forms answered 503, %d tokens answered", shed, answered)
			})
		})
	}
}
