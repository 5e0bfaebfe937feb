package smtprun

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// Handlers find their connection closed and return at once; the bound is for one that does not look.
const closeTimeout = 5 * time.Second

// Running is a server that accepts mail until Close.
type Running struct {
	server   *smtp.Server
	outer    net.Listener
	done     chan struct{} // closed when err stands
	err      error
	once     sync.Once
	closeErr error
}

// Start serves on l, which it then owns. wrap, when not nil, is put around the listener: TLS, or a
// limit of connections.
func Start(server *smtp.Server, l net.Listener, wrap func(net.Listener) net.Listener) *Running {
	r := &Running{server: server, outer: newListener(l), done: make(chan struct{})}
	if wrap != nil {
		r.outer = wrap(r.outer)
	}
	go func() {
		defer close(r.done)
		if err := server.Serve(r.outer); !errors.Is(err, net.ErrClosed) {
			r.err = err
		}
	}()
	return r
}

// Done is closed when the server has stopped accepting, by itself or by Close.
func (r *Running) Done() <-chan struct{} { return r.done }

// Close ends every connection and returns when the last handler has. It returns why the server
// stopped by itself, if it did. A second call returns what the first one did.
func (r *Running) Close() error {
	r.once.Do(func() { r.closeErr = r.stop() })
	return r.closeErr
}

func (r *Running) stop() error {
	err := r.outer.Close()
	// Shutdown waits on a group that Serve adds to: only after Serve is nothing added.
	<-r.done
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	if down := r.server.Shutdown(ctx); down != nil && !errors.Is(down, net.ErrClosed) {
		err = errors.Join(err, fmt.Errorf("waiting for mail handlers: %w", down))
	}
	return errors.Join(r.err, err)
}
