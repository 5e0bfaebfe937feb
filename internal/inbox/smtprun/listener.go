package smtprun

import (
	"net"
	"sync"
)

// listener closes what it accepted when it is closed itself: go-smtp waits for idle clients in
// Shutdown and for nobody in Close, and misses a client that was accepted while Close ran.
type listener struct {
	net.Listener
	mu     sync.Mutex
	conns  map[*conn]struct{}
	closed bool
}

func newListener(l net.Listener) *listener {
	return &listener{Listener: l, conns: map[*conn]struct{}{}}
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		c.Close()
		return nil, net.ErrClosed
	}
	tracked := &conn{Conn: c, from: l}
	l.conns[tracked] = struct{}{}
	return tracked, nil
}

// Close implements net.Listener. A second call does nothing.
func (l *listener) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil
	}
	l.closed = true
	for c := range l.conns {
		c.Conn.Close()
	}
	return l.Listener.Close()
}

type conn struct {
	net.Conn
	from *listener
}

// Close implements net.Conn.
func (c *conn) Close() error {
	c.from.mu.Lock()
	delete(c.from.conns, c)
	c.from.mu.Unlock()
	return c.Conn.Close()
}
