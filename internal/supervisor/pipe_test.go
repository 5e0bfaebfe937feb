package supervisor_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
)

// pipeListener hands out in-memory connections, whose clock is that of a synctest bubble.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipeListener() *pipeListener {
	return &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
}

var errRefused = errors.New("connection refused")

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe:1" }

// dial connects, or is refused once the listener is closed.
func (l *pipeListener) dial(t *testing.T) (*client, error) {
	t.Helper()
	ours, theirs := net.Pipe()
	select {
	case l.conns <- theirs:
		t.Cleanup(func() { _ = ours.Close() })
		return &client{conn: ours, r: bufio.NewReader(ours)}, nil
	case <-l.closed:
		return nil, errRefused
	}
}

// client speaks HTTP by hand, to stop in the middle of it.
type client struct {
	conn net.Conn
	r    *bufio.Reader
}

func (c *client) send(t *testing.T, text string) {
	t.Helper()
	if _, err := io.WriteString(c.conn, text); err != nil {
		t.Errorf("sending %q: %v", text, err)
	}
}

func (c *client) get(t *testing.T, path string) {
	t.Helper()
	c.send(t, fmt.Sprintf("GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path))
}

// answer reads a response and returns its code and whether it ends the connection.
func (c *client) answer() (code int, closes bool, err error) {
	resp, err := http.ReadResponse(c.r, nil)
	if err != nil {
		return 0, false, err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return 0, false, err
	}
	return resp.StatusCode, resp.Close, nil
}

// wantAnswer fails the test unless the response is a 200 with the given fate of the connection.
func (c *client) wantAnswer(t *testing.T, closes bool) {
	t.Helper()
	code, got, err := c.answer()
	if err != nil || code != http.StatusOK {
		t.Errorf("got code %d and error %v, want 200", code, err)
		return
	}
	if got != closes {
		t.Errorf("the response closes the connection: got %v, want %v", got, closes)
	}
}

// wantEOF fails the test unless the server closed the connection without another byte.
func (c *client) wantEOF(t *testing.T) {
	t.Helper()
	if b, err := c.r.ReadByte(); !errors.Is(err, io.EOF) {
		t.Errorf("got byte %d and error %v, want the end of the connection", b, err)
	}
}
