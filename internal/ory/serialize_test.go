package ory

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func never(*http.Request) bool { return false }

func TestSerializer(t *testing.T) {
	t.Run("one request at a time is inside", func(t *testing.T) {
		var inside, most atomic.Int32
		h := NewSerializer().Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			most.Store(max(most.Load(), inside.Add(1)))
			defer inside.Add(-1)
			raw, _ := io.ReadAll(r.Body)
			w.Write(raw)
		}), never)
		var wg sync.WaitGroup
		for range 64 {
			wg.Go(func() {
				w := httptest.NewRecorder()
				h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", strings.NewReader("body")))
				if w.Code != http.StatusOK || w.Body.String() != "body" {
					t.Errorf("got %d %q", w.Code, w.Body)
				}
			})
		}
		wg.Wait()
		if got := most.Load(); got != 1 {
			t.Errorf("got %d requests inside at once, want 1", got)
		}
	})
	t.Run("a body that comes slowly keeps nobody waiting", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h := NewSerializer().Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), never)
			slow, end := io.Pipe()
			go h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", slow))
			synctest.Wait()
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", nil))
			if w.Code != http.StatusOK {
				t.Errorf("got %d", w.Code)
			}
			if err := end.Close(); err != nil {
				t.Error(err)
			}
		})
	})
	t.Run("requests that only read pass a slow one", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			release := make(chan struct{})
			h := NewSerializer().Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPost {
					<-release
				}
			}), func(r *http.Request) bool { return r.Method == http.MethodGet })
			go h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", nil))
			synctest.Wait()
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
			close(release)
		})
	})
	t.Run("who goes away while waiting gets 503 and the others go on", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			release := make(chan struct{})
			h := NewSerializer().Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }), never)
			go h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", nil))
			synctest.Wait()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodPost, "/", nil))
			if w.Code != http.StatusServiceUnavailable {
				t.Errorf("got %d, want 503", w.Code)
			}
			close(release)
		})
	})
	t.Run("a call that comes back into the engine does not deadlock", func(t *testing.T) {
		s := NewSerializer()
		came := false
		h := s.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			s.Outside(r.Context(), func() {
				// The other engine calls with a context of its own.
				s.Do(context.Background(), func() { came = true })
			})
		}), never)
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", nil))
		if !came {
			t.Error("the call did not come back")
		}
	})
	t.Run("two engines do not take each other's hold for their own", func(t *testing.T) {
		a, b := NewSerializer(), NewSerializer()
		h := a.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			b.Outside(r.Context(), func() {
				select {
				case a.slot <- struct{}{}:
					t.Error("b let go of a's slot")
				default:
				}
			})
		}), never)
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", nil))
	})
	t.Run("a body beyond the limit is refused before anybody waits", func(t *testing.T) {
		h := http.MaxBytesHandler(NewSerializer().Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			t.Error("the handler was called")
		}), never), 4)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", strings.NewReader("too long")))
		if w.Code != http.StatusRequestEntityTooLarge {
			t.Errorf("got %d, want 413", w.Code)
		}
	})
	t.Run("without one everybody is inside", func(t *testing.T) {
		var s *Serializer
		ran := 0
		s.Outside(t.Context(), func() { ran++ })
		if !s.Do(t.Context(), func() { ran++ }) || ran != 2 {
			t.Errorf("got %d calls, want 2", ran)
		}
	})
}
