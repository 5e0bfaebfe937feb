package supervisor

import (
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// handler makes every response of a draining server close its connection, so that clients let go of
// kept connections by themselves and none of their requests meets a closing one.
// SetKeepAlivesEnabled(false) would say the same, but closes idle connections without a word.
func (s *server) handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.handlers.enter()
		defer s.handlers.leave()
		cw := &closingWriter{ResponseWriter: w, draining: &s.draining}
		next.ServeHTTP(cw, r)
		cw.announce()
	})
}

// closingWriter adds "Connection: close" at the last moment: the drain may begin while the handler
// works. HTTP/2 turns the header into GOAWAY.
type closingWriter struct {
	http.ResponseWriter
	draining  *atomic.Bool
	announced bool
}

func (w *closingWriter) announce() {
	if w.announced {
		return
	}
	w.announced = true
	if w.draining.Load() {
		w.Header().Set("Connection", "close")
	}
}

// WriteHeader implements http.ResponseWriter.
func (w *closingWriter) WriteHeader(code int) {
	// Informational responses leave the real header to come.
	if code >= http.StatusOK || code == http.StatusSwitchingProtocols {
		w.announce()
	}
	w.ResponseWriter.WriteHeader(code)
}

// Write implements http.ResponseWriter.
func (w *closingWriter) Write(p []byte) (int, error) {
	w.announce()
	return w.ResponseWriter.Write(p)
}

// Flush implements http.Flusher for handlers that ask for it by type.
func (w *closingWriter) Flush() {
	w.announce()
	_ = http.NewResponseController(w.ResponseWriter).Flush()
}

// Unwrap serves http.ResponseController.
func (w *closingWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// handlerCount counts handlers that run; unlike a sync.WaitGroup it can be waited for with a bound.
type handlerCount struct {
	mu    sync.Mutex
	n     int
	empty chan struct{}
}

func (c *handlerCount) enter() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
}

func (c *handlerCount) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n--
	if c.n == 0 && c.empty != nil {
		close(c.empty)
		c.empty = nil
	}
}

// await gives handlers that lost their connection the time to return, since what they use is
// closed next.
func (c *handlerCount) await(limit time.Duration) {
	c.mu.Lock()
	if c.n == 0 {
		c.mu.Unlock()
		return
	}
	empty := make(chan struct{})
	c.empty = empty
	c.mu.Unlock()
	bound := time.NewTimer(limit)
	defer bound.Stop()
	select {
	case <-empty:
	case <-bound.C:
	}
}
