package ory

import (
	"bytes"
	"maps"
	"net/http"
)

// Buffer keeps an answer until it may be sent. An engine that answers twice has given its first answer, as over a
// socket (docs/ory-quirks.md#q231).
type Buffer struct {
	header http.Header
	// first is the header of a redirect as it was when its status was written.
	first  http.Header
	body   bytes.Buffer
	status int
	again  bool
}

// NewBuffer returns an empty answer.
func NewBuffer() *Buffer { return &Buffer{header: http.Header{}} }

// Header implements http.ResponseWriter.
func (b *Buffer) Header() http.Header { return b.header }

// WriteHeader implements http.ResponseWriter.
func (b *Buffer) WriteHeader(status int) {
	switch {
	case status < http.StatusOK:
	case b.status != 0:
		b.again = true
		if b.first != nil {
			clear(b.header)
			maps.Copy(b.header, b.first)
		}
	default:
		b.status = status
		if status >= http.StatusMultipleChoices && status < http.StatusBadRequest {
			b.first = b.header.Clone()
		}
	}
}

// Write implements http.ResponseWriter.
func (b *Buffer) Write(p []byte) (int, error) {
	if b.again {
		return len(p), nil
	}
	if b.status == 0 {
		b.WriteHeader(http.StatusOK)
	}
	return b.body.Write(p)
}

// Status returns the status written so far, or 0.
func (b *Buffer) Status() int { return b.status }

// Bytes returns the body written so far.
func (b *Buffer) Bytes() []byte { return b.body.Bytes() }

// Flush sends the answer.
func (b *Buffer) Flush(w http.ResponseWriter) {
	maps.Copy(w.Header(), b.header)
	if b.status == 0 {
		b.status = http.StatusOK
	}
	w.WriteHeader(b.status)
	w.Write(b.body.Bytes())
}
