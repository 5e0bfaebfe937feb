package outage

import (
	"bytes"
	"maps"
	"net/http"
	"sync"
	"time"
)

// limit is how much of an answer is held back. Whatever decides over a person or a token is far
// below it; beyond it are assets and lists, which are not worth the memory.
const limit = 1 << 20

// answer holds what a handler writes. It offers neither Flush nor Hijack: what is on the wire cannot
// be replaced. Its header is a copy, so that nothing of a replaced answer is left in the real one.
type answer struct {
	to     http.ResponseWriter
	failed func() bool
	header http.Header
	wrote  http.Header // as it was when the handler wrote it
	status int
	body   bytes.Buffer

	mu        sync.Mutex // what is written to the client, and who may
	sent      bool
	abandoned bool
}

func newAnswer(to http.ResponseWriter, failed func() bool) *answer {
	return &answer{to: to, failed: failed, header: to.Header().Clone(), status: http.StatusOK}
}

// Header implements http.ResponseWriter.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter. Informational responses are dropped: they would be on
// the wire.
func (a *answer) WriteHeader(code int) {
	if a.wrote != nil || code < http.StatusOK {
		return
	}
	a.wrote, a.status = a.header.Clone(), code
}

// Write implements http.ResponseWriter.
func (a *answer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.abandoned {
		return 0, http.ErrHandlerTimeout
	}
	if a.sent {
		return a.to.Write(p)
	}
	if a.body.Len()+len(p) <= limit {
		return a.body.Write(p)
	}
	// It will be replaced, so that the rest of it is of no use.
	if a.failed() {
		return len(p), nil
	}
	a.send()
	return a.to.Write(p)
}

// abandon takes the client away from a handler, unless it has begun to answer.
func (a *answer) abandon() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.abandoned = !a.sent
	return a.abandoned
}

// head is the header of the answer.
func (a *answer) head() http.Header {
	if a.wrote != nil {
		return a.wrote
	}
	return a.header
}

// send writes what was held back.
func (a *answer) send() {
	a.sent = true
	h := a.to.Header()
	clear(h)
	maps.Copy(h, a.head())
	if a.wrote == nil {
		return // net/http answers 200 by itself
	}
	a.to.WriteHeader(a.status)
	if a.body.Len() > 0 {
		// The client may be gone; there is nobody to tell.
		_, _ = a.to.Write(a.body.Bytes())
	}
}

// SetReadDeadline serves http.ResponseController.
func (a *answer) SetReadDeadline(deadline time.Time) error {
	return a.control(func(c *http.ResponseController) error { return c.SetReadDeadline(deadline) })
}

// SetWriteDeadline serves http.ResponseController.
func (a *answer) SetWriteDeadline(deadline time.Time) error {
	return a.control(func(c *http.ResponseController) error { return c.SetWriteDeadline(deadline) })
}

func (a *answer) control(do func(*http.ResponseController) error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.abandoned {
		return http.ErrHandlerTimeout
	}
	return do(http.NewResponseController(a.to))
}
