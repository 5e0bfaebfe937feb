package ory

import (
	"bytes"
	"maps"
	"net/http"
)

// Buffer keeps an answer until it may be sent.
type Buffer struct {
	header http.Header
	body   bytes.Buffer
	status int
}

// NewBuffer returns an empty answer.
func NewBuffer() *Buffer { return &Buffer{header: http.Header{}} }

// Header implements http.ResponseWriter.
func (b *Buffer) Header() http.Header { return b.header }

// WriteHeader implements http.ResponseWriter.
func (b *Buffer) WriteHeader(status int) {
	if b.status == 0 && status >= 200 {
		b.status = status
	}
}

// Write implements http.ResponseWriter.
func (b *Buffer) Write(p []byte) (int, error) {
	b.WriteHeader(http.StatusOK)
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
