package connlimit

import (
	"net"
	"sync"
)

// Listen puts the bound in front of a listener.
func (l *Limit) Listen(inner net.Listener) net.Listener {
	return &listener{Listener: inner, limit: l, answering: make(chan struct{}, answered)}
}

type listener struct {
	net.Listener
	limit *Limit
	// answering has a place for each refusal that is being told.
	answering chan struct{}
	telling   sync.WaitGroup
}

// Accept implements net.Listener. It returns connections that may be served; the others are told and closed.
func (l *listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			l.telling.Wait() // a moment at most
			return nil, err
		}
		key, reason := l.limit.enter(c.RemoteAddr())
		if reason == "" {
			return &conn{Conn: c, leave: sync.OnceFunc(func() { l.limit.leave(key) })}, nil
		}
		l.limit.cfg.Refused(reason)
		l.refuse(c, reason)
	}
}

// conn gives its place back when it is closed.
type conn struct {
	net.Conn
	leave func()
}

// Close implements net.Conn.
func (c *conn) Close() error {
	c.leave()
	return c.Conn.Close()
}

// CloseWrite lets net/http end a response without a reset.
func (c *conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
