package outbound

import (
	"context"
	"errors"
	"io"
)

// body is an answer that ends when it is too large or took too long.
type body struct {
	io.ReadCloser
	transport *transport
	ctx       context.Context
	cancel    context.CancelFunc
	host      string
	left      int64
	ended     error
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	if b.ended != nil {
		return 0, b.ended
	}
	// One byte beyond, to tell an answer that just fits from one that does not.
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	b.left -= int64(n)
	switch {
	case b.left < 0:
		return n - 1, b.refuse(TooLarge)
	case err == nil, errors.Is(err, io.EOF):
	case errors.Is(b.ctx.Err(), context.DeadlineExceeded):
		return n, b.refuse(TooSlow)
	default:
		err = hide(err)
	}
	return n, err
}

func (b *body) refuse(kind Kind) error {
	b.transport.refuse(b.ctx, kind, b.host, "")
	b.ended = &Refused{Kind: kind}
	return b.ended
}

// Close implements io.Closer.
func (b *body) Close() error {
	defer b.cancel()
	return b.ReadCloser.Close()
}
