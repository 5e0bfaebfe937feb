package outage

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"example.com/identityd/internal/middleware"
)

var errGone = errors.New("the client is gone")

func TestShedder(t *testing.T) {
	// hold keeps requests inside until it is told.
	hold := func(open chan struct{}) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			<-open
			w.WriteHeader(http.StatusNoContent)
		})
	}
	ask := func(h http.Handler, path string) *httptest.ResponseRecorder {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, http.NoBody))
		return rec
	}
	t.Run("who finds no place waits for a second and is told to come again", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s, open := NewShedder(2, nil), make(chan struct{})
			h := s.Middleware(Hydra, nil, hold(open))
			var inside sync.WaitGroup
			for range 2 {
				inside.Go(func() { ask(h, "/") })
			}
			synctest.Wait()
			began := time.Now()
			res := ask(h, "/oauth2/token").Result()
			if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" {
				t.Errorf("got %d, Retry-After %q, want 503 and a time", res.StatusCode, res.Header.Get("Retry-After"))
			}
			if body := text(t, res); !strings.Contains(body, "temporarily_unavailable") {
				t.Errorf("got %s, want the form of RFC 6749", body)
			}
			if got := time.Since(began); got != longestWait {
				t.Errorf("waited %s, want %s", got, longestWait)
			}
			if s.Inside() != 2 || s.Shed() != 1 {
				t.Errorf("got %d inside and %d shed, want 2 and 1", s.Inside(), s.Shed())
			}
			close(open)
			inside.Wait()
			if got := ask(h, "/").Code; got != http.StatusNoContent || s.Inside() != 0 {
				t.Errorf("afterwards: got %d and %d inside, want 204 and none", got, s.Inside())
			}
		})
	})
	t.Run("a burst is served", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := NewShedder(2, nil)
			h := s.Middleware(Hydra, nil, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { time.Sleep(20 * time.Millisecond) }))
			var burst sync.WaitGroup
			for range 30 {
				burst.Go(func() { ask(h, "/") })
			}
			burst.Wait()
			if got := s.Shed(); got != 0 {
				t.Errorf("got %d shed, want none", got)
			}
		})
	})
	t.Run("too many that wait are refused at once", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s, open := NewShedder(1, nil), make(chan struct{})
			h := s.Middleware(Hydra, nil, hold(open))
			var all sync.WaitGroup
			for range 1 + waitingEach {
				all.Go(func() { ask(h, "/") })
			}
			synctest.Wait()
			began := time.Now()
			if got := ask(h, "/").Code; got != http.StatusServiceUnavailable || time.Since(began) != 0 {
				t.Errorf("got %d after %s, want 503 at once", got, time.Since(began))
			}
			close(open)
			all.Wait()
		})
	})
	t.Run("what needs no database is always let in", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s, open := NewShedder(1, nil), make(chan struct{})
			h := s.Middleware(Kratos, func(r *http.Request) bool { return r.URL.Path == "/asset" },
				http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
					if r.URL.Path != "/asset" {
						<-open
					}
				}))
			var inside sync.WaitGroup
			inside.Go(func() { ask(h, "/") })
			synctest.Wait()
			if got := ask(h, "/asset").Code; got != http.StatusOK {
				t.Errorf("got %d, want 200", got)
			}
			close(open)
			inside.Wait()
		})
	})
	t.Run("a body is read before a place is taken, and its handler meets the same end", func(t *testing.T) {
		s := NewShedder(1, nil)
		var got string
		var inside int
		var failure error
		h := s.Middleware(Hydra, nil, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			raw, err := io.ReadAll(r.Body)
			got, failure = string(raw), err
		}))
		slow, client := io.Pipe()
		go func() {
			client.Write([]byte("ab")) //nolint:errcheck // a pipe
			inside = s.Inside()
			client.Write([]byte("cd")) //nolint:errcheck // a pipe
			client.CloseWithError(errGone)
		}()
		r := httptest.NewRequest(http.MethodPost, "/", slow)
		h.ServeHTTP(httptest.NewRecorder(), r)
		if inside != 0 {
			t.Errorf("got %d inside while the body was on its way, want none", inside)
		}
		if got != "abcd" || !errors.Is(failure, errGone) {
			t.Errorf("got %q, %v, want abcd and its end", got, failure)
		}
	})
	t.Run("a body of unknown length that is too long is refused with 413", func(t *testing.T) {
		h := middleware.Limit(4)(NewShedder(1, nil).Middleware(Hydra, nil, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			t.Error("the handler was asked")
		})))
		r := httptest.NewRequest(http.MethodPost, "/", io.MultiReader(strings.NewReader("abcde")))
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusRequestEntityTooLarge || w.Header().Get("Connection") != "close" {
			t.Errorf("got %d and %v, want 413 and an end", w.Code, w.Header())
		}
	})
}
