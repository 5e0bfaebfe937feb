package wire

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
)

const (
	// patience is for a login that waits its turn on a busy machine.
	patience = 60 * time.Second
	// idle is below the 5 s after which Node closes a connection: a POST that meets the end of its connection cannot be repeated.
	idle = 2 * time.Second
	// visitor is who calls: an address of RFC 5737, which nobody has.
	visitor = "203.0.113.7"
)

// ErrUnknownHost says that the side does not serve a host: a redirect has left it.
var ErrUnknownHost = errors.New("no host of the side")

// Client sends requests to one side.
type Client struct {
	hosts map[string]*host

	mu    sync.Mutex
	ports map[uint16]bool
}

type host struct {
	listeners []*fasthttp.HostClient
	next      atomic.Uint64
}

// New returns a client for a side, by the listeners of each of its hosts; several take turns.
func New(listeners map[string][]string) *Client {
	c := &Client{hosts: make(map[string]*host, len(listeners)), ports: make(map[uint16]bool)}
	for name, addresses := range listeners {
		h := &host{}
		for _, a := range addresses {
			h.listeners = append(h.listeners, &fasthttp.HostClient{
				Addr: a, Dial: c.dial, MaxConns: 4096, MaxIdleConnDuration: idle, ReadTimeout: patience, WriteTimeout: patience,
				NoDefaultUserAgentHeader: true, DisablePathNormalizing: true, DisableHeaderNamesNormalizing: false,
				// A second request would be one that nobody counts.
				MaxIdemponentCallAttempts: 1,
			})
		}
		c.hosts[name] = h
	}
	return c
}

// Knows tells whether the side serves the host.
func (c *Client) Knows(name string) bool { return c.hosts[name] != nil }

// Ports are the local ports of every connection it made so far.
func (c *Client) Ports() map[uint16]bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make(map[uint16]bool, len(c.ports))
	for p := range c.ports {
		out[p] = true
	}
	return out
}

// HTTP is a client for anything else, such as metrics, whose ports are known as well.
func (c *Client) HTTP() *http.Client {
	return &http.Client{Timeout: patience, Transport: &http.Transport{
		DialContext: func(_ context.Context, _, address string) (net.Conn, error) { return c.dial(address) },
	}}
}

// CloseIdle closes connections that nobody uses.
func (c *Client) CloseIdle() {
	for _, h := range c.hosts {
		for _, l := range h.listeners {
			l.CloseIdleConnections()
		}
	}
}

func (c *Client) dial(address string) (net.Conn, error) {
	conn, err := (&net.Dialer{Timeout: patience}).Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	if local, ok := conn.LocalAddr().(*net.TCPAddr); ok {
		c.mu.Lock()
		c.ports[local.AddrPort().Port()] = true
		c.mu.Unlock()
	}
	return conn, nil
}

func (c *Client) take(name string) (*fasthttp.HostClient, error) {
	h := c.hosts[name]
	if h == nil {
		return nil, fmt.Errorf("calling %s: %w", name, ErrUnknownHost)
	}
	return h.listeners[(h.next.Add(1)-1)%uint64(len(h.listeners))], nil
}
