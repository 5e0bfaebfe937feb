package ory

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestGate(t *testing.T) {
	free := func(r *http.Request) bool { return r.URL.Path == "/free" }
	get := func(ctx context.Context, h http.Handler, path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, path, http.NoBody))
		return w
	}
	t.Run("as many as it takes are inside, and all come through", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var inside, most atomic.Int32
			h := NewGate(3).Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
				most.Store(max(most.Load(), inside.Add(1)))
				<-time.After(time.Second)
				inside.Add(-1)
			}), free, nil)
			var wg sync.WaitGroup
			for range 12 {
				wg.Go(func() {
					if got := get(t.Context(), h, "/").Code; got != http.StatusOK {
						t.Errorf("got %d", got)
					}
				})
			}
			wg.Wait()
			if got := most.Load(); got != 3 {
				t.Errorf("got %d inside at once, want 3", got)
			}
		})
	})
	t.Run("urgent requests do not wait behind all others", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			release := make(chan struct{})
			h := NewGate(4).Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/slow" {
					<-release
				}
			}), free, func(r *http.Request) bool { return r.URL.Path == "/urgent" })
			var slow sync.WaitGroup
			for range 12 {
				slow.Go(func() { get(t.Context(), h, "/slow") })
			}
			synctest.Wait()
			began := time.Now()
			if got := get(t.Context(), h, "/urgent").Code; got != http.StatusOK || time.Since(began) > 0 {
				t.Errorf("got %d after %s, want 200 at once", got, time.Since(began))
			}
			close(release)
			slow.Wait()
		})
	})
	t.Run("who waits is told at the deadline, and those who need no connection do not wait", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			release := make(chan struct{})
			h := NewGate(1).Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/slow" {
					<-release
				}
			}), free, nil)
			go get(t.Context(), h, "/slow")
			synctest.Wait()
			ctx, cancel := context.WithTimeout(t.Context(), 25*time.Second)
			defer cancel()
			began := time.Now()
			w := get(ctx, h, "/")
			if took := time.Since(began); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || took != 25*time.Second {
				t.Errorf("got %d, Retry-After %q after %s", w.Code, w.Header().Get("Retry-After"), took)
			}
			if got := get(t.Context(), h, "/free").Code; got != http.StatusOK {
				t.Errorf("free: got %d", got)
			}
			close(release)
			synctest.Wait()
			if got := get(t.Context(), h, "/").Code; got != http.StatusOK {
				t.Errorf("after that: got %d", got)
			}
		})
	})
	t.Run("none lets everybody in", func(t *testing.T) {
		h := NewGate(0).Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), free, nil)
		if got := get(t.Context(), h, "/").Code; got != http.StatusOK {
			t.Errorf("got %d", got)
		}
	})
}
