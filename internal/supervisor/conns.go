package supervisor

import (
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"time"
)

// connections knows which connections of a server are owed an answer. net/http does not say: it
// calls a connection active only when a request's whole header was read.
type connections struct {
	grace time.Duration

	mu       sync.Mutex
	all      map[*trackedConn]struct{}
	draining bool
	drained  chan struct{} // closed when only HTTP/2 connections are left in a drain
}

func newConnections(grace time.Duration) *connections {
	return &connections{
		grace: grace, all: map[*trackedConn]struct{}{}, drained: make(chan struct{}),
	}
}

// drain ends quiet connections after the grace and returns a channel that is closed when all
// HTTP/1 connections are gone.
func (cs *connections) drain() <-chan struct{} {
	cs.mu.Lock()
	cs.draining = true
	all := make([]*trackedConn, 0, len(cs.all))
	for c := range cs.all {
		all = append(all, c)
	}
	cs.settle()
	cs.mu.Unlock()
	for _, c := range all {
		c.expire(cs.grace)
	}
	return cs.drained
}

// settle must be called with the lock held.
func (cs *connections) settle() {
	if !cs.draining {
		return
	}
	for c := range cs.all {
		if !c.multiplexed.Load() {
			return
		}
	}
	select {
	case <-cs.drained:
	default:
		close(cs.drained)
	}
}

func (cs *connections) count() int {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return len(cs.all)
}

func (cs *connections) add(c *trackedConn) {
	cs.mu.Lock()
	cs.all[c] = struct{}{}
	draining := cs.draining
	cs.mu.Unlock()
	// Accept may win against the closing of its listener.
	if draining {
		c.expire(cs.grace)
	}
}

func (cs *connections) remove(c *trackedConn) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	delete(cs.all, c)
	cs.settle()
}

// state is the http.Server.ConnState hook.
func (cs *connections) state(nc net.Conn, state http.ConnState) {
	secure, isTLS := nc.(*tls.Conn)
	if isTLS {
		nc = secure.NetConn()
	}
	c, ok := nc.(*trackedConn)
	if !ok {
		return
	}
	switch state {
	case http.StateActive, http.StateIdle:
		if isTLS && secure.ConnectionState().NegotiatedProtocol == "h2" {
			cs.multiplex(c)
			return
		}
		if state == http.StateActive {
			c.begin()
			return
		}
		cs.mu.Lock()
		draining := cs.draining
		cs.mu.Unlock()
		c.finish(draining, cs.grace)
	case http.StateHijacked:
		// Whoever took it over owns its end.
		cs.remove(c)
	}
}

// multiplex marks an HTTP/2 connection: bytes say nothing about its requests, and Shutdown knows
// how to end it.
func (cs *connections) multiplex(c *trackedConn) {
	if c.multiplexed.Swap(true) {
		return
	}
	c.begin()
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.settle()
}

// trackingListener registers what it accepts.
type trackingListener struct {
	net.Listener
	conns *connections
}

// Accept implements net.Listener.
func (l *trackingListener) Accept() (net.Conn, error) {
	nc, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &trackedConn{Conn: nc, conns: l.conns}
	l.conns.add(c)
	return c, nil
}
