package count

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"sync"
)

// Traffic is what went between a side and PostgreSQL.
type Traffic struct {
	// Connections were opened, and RoundTrips waited for: requests of any kind after the greeting.
	Connections, RoundTrips int
	// Statements were executed. Control are those that only begin and end transactions, and pings; they are not among Statements.
	Statements, Control int
	// Sent and Received are bytes, as the side sees them.
	Sent, Received int
	// Texts are the executed statements by their text.
	Texts map[string]int
}

// Less returns what came since an earlier count.
func (t Traffic) Less(e Traffic) Traffic {
	out := Traffic{
		Connections: t.Connections - e.Connections, RoundTrips: t.RoundTrips - e.RoundTrips,
		Statements: t.Statements - e.Statements, Control: t.Control - e.Control,
		Sent: t.Sent - e.Sent, Received: t.Received - e.Received, Texts: make(map[string]int),
	}
	for text, n := range t.Texts {
		if more := n - e.Texts[text]; more > 0 {
			out.Texts[text] = more
		}
	}
	return out
}

// Proxy stands between a side and PostgreSQL and counts. It costs time: no round that measures time goes through it.
type Proxy struct {
	listener net.Listener
	upstream string
	wait     sync.WaitGroup

	mu    sync.Mutex
	so    Traffic
	conns map[net.Conn]bool
}

// NewProxy listens for the server at host:port.
func NewProxy(ctx context.Context, upstream string) (*Proxy, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening for a proxy: %w", err)
	}
	p := &Proxy{listener: l, upstream: upstream, so: Traffic{Texts: map[string]int{}}, conns: map[net.Conn]bool{}}
	p.wait.Go(p.accept)
	return p, nil
}

// Through is the database URL with the proxy in the place of the server. It has to say sslmode=disable, because what is encrypted cannot be counted.
func (p *Proxy) Through(database string) (string, error) {
	u, err := url.Parse(database)
	if err != nil {
		return "", errors.New("reading the URL of a database: it is none")
	}
	if u.Query().Get("sslmode") != "disable" {
		return "", errors.New("counting at a proxy: the URL of the database needs sslmode=disable")
	}
	u.Host = p.listener.Addr().String()
	return u.String(), nil
}

// Count is what went through so far.
func (p *Proxy) Count() Traffic {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := p.so
	out.Texts = maps.Clone(p.so.Texts)
	return out
}

// Close ends every connection.
func (p *Proxy) Close() {
	p.listener.Close()
	p.mu.Lock()
	for c := range p.conns {
		c.Close()
	}
	p.mu.Unlock()
	p.wait.Wait()
}

func (p *Proxy) add(change func(*Traffic)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(&p.so)
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", p.upstream)
		if err != nil {
			client.Close()
			continue
		}
		p.mu.Lock()
		p.so.Connections++
		p.conns[client], p.conns[server] = true, true
		p.mu.Unlock()
		c := &conversation{proxy: p, named: map[string]string{}, portals: map[string]string{}}
		end := sync.OnceFunc(func() {
			client.Close()
			server.Close()
			p.mu.Lock()
			delete(p.conns, client)
			delete(p.conns, server)
			p.mu.Unlock()
		})
		p.wait.Go(func() { defer end(); c.forward(client, server) })
		p.wait.Go(func() { defer end(); c.back(server, client) })
	}
}
