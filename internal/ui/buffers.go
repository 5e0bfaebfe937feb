package ui

import (
	"bytes"
	"sync"
)

// largestKept is above every page; one that is longer, such as a list without end, keeps no memory.
const largestKept = 64 << 10

// buffers are what pages are rendered into: without them a page leaves twice its length behind. Nobody may
// hold on to what is in one that was put back, for the next page is another person's.
type buffers struct{ pool sync.Pool }

func (b *buffers) get() *bytes.Buffer {
	if body, ok := b.pool.Get().(*bytes.Buffer); ok {
		return body
	}
	return new(bytes.Buffer)
}

func (b *buffers) put(body *bytes.Buffer) {
	if body.Cap() > largestKept {
		return
	}
	clear(body.Bytes()) // it was somebody's
	body.Reset()
	b.pool.Put(body)
}
