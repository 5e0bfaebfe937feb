package supervisor

import (
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// trackedConn notes when the first byte of a request is read. In a drain a quiet connection ends by
// a read deadline and not by being closed: a read either gives bytes, whose request is then served,
// or the deadline, so that no byte is read and then thrown away.
type trackedConn struct {
	net.Conn
	conns       *connections
	multiplexed atomic.Bool // HTTP/2

	mu    sync.Mutex
	busy  bool      // a request was begun and is not answered
	asked time.Time // the read deadline net/http asked for
	limit time.Time // the read deadline of the drain; zero outside of it
}

// Read implements net.Conn.
func (c *trackedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.begin()
	}
	return n, err
}

// SetReadDeadline implements net.Conn.
func (c *trackedConn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = t
	return c.apply()
}

// SetDeadline implements net.Conn.
func (c *trackedConn) SetDeadline(t time.Time) error {
	if err := c.SetWriteDeadline(t); err != nil {
		return err
	}
	return c.SetReadDeadline(t)
}

// Close implements net.Conn.
func (c *trackedConn) Close() error {
	c.conns.remove(c)
	return c.Conn.Close()
}

// CloseWrite lets net/http end a response to an oversized request without a reset that would make
// the client lose the response.
func (c *trackedConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// begin marks a request as begun and takes the drain's deadline away from it.
func (c *trackedConn) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.busy {
		return
	}
	c.busy = true
	if !c.limit.IsZero() {
		_ = c.apply()
	}
}

// finish marks the request as answered. In a drain the connection gets a grace of its own, because
// the response may have promised to keep it.
func (c *trackedConn) finish(draining bool, grace time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy = false
	if draining {
		c.limit = time.Now().Add(grace)
		_ = c.apply()
	}
}

// expire sets the deadline of the drain.
func (c *trackedConn) expire(grace time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.limit = time.Now().Add(grace)
	_ = c.apply()
}

// apply must be called with the lock held. An error means that the connection is gone, which its
// next read reports.
func (c *trackedConn) apply() error {
	t := c.asked
	quiet := !c.busy && !c.multiplexed.Load() && !c.limit.IsZero()
	if quiet && (t.IsZero() || t.After(c.limit)) {
		t = c.limit
	}
	return c.Conn.SetReadDeadline(t)
}
