package connlimit_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"example.com/identityd/internal/clientaddr"
	"example.com/identityd/internal/connlimit"
	"example.com/identityd/internal/tried"
)

// bound is how long anything may take on a busy machine.
const bound = 30 * time.Second

// served is an HTTP server behind a limit.
func served(t *testing.T, cfg connlimit.Config) (*connlimit.Limit, string) {
	t.Helper()
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	limit := connlimit.New(cfg)
	server := &http.Server{ReadHeaderTimeout: bound, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent)
	})}
	done := make(chan error, 1)
	go func() { done <- server.Serve(limit.Listen(ln)) }()
	t.Cleanup(func() {
		server.Close() //nolint:errcheck // it only closes
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return limit, ln.Addr().String()
}

// connect opens a connection from an address and asks for something. It returns 0 where there was no answer.
func connect(t *testing.T, from, to string) (net.Conn, int) {
	t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: bound}
	c, err := d.DialContext(t.Context(), "tcp", to)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(bound)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"); err != nil {
		return c, 0
	}
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return c, 0
	}
	defer res.Body.Close()
	if res.StatusCode > 400 && res.Header.Get("Retry-After") == "" {
		t.Errorf("got %d without Retry-After", res.StatusCode)
	}
	return c, res.StatusCode
}

func TestOneClientCannotHaveAllConnections(t *testing.T) {
	var refused atomic.Int64
	limit, at := served(t, connlimit.Config{
		Most: 8, MostPerClient: 3, Key: clientaddr.Prefix,
		Exempt:  func(a netip.Addr) bool { return a == netip.MustParseAddr("127.0.0.9") },
		Refused: func(connlimit.Reason) { refused.Add(1) },
	})
	statuses := func(from string, n int) (out []int) {
		for range n {
			_, status := connect(t, from, at)
			out = append(out, status)
		}
		return out
	}
	count := func(list []int, status int) (n int) {
		for _, each := range list {
			if each == status {
				n++
			}
		}
		return n
	}
	first := statuses("127.0.0.1", 6)
	if got := count(first, http.StatusNoContent); got != 3 || count(first, http.StatusTooManyRequests) != 3 {
		t.Errorf("one client: got %v, want three served and three told", first)
	}
	if second := statuses("127.0.0.2", 2); count(second, http.StatusNoContent) != 2 {
		t.Errorf("another client: got %v, want to be served", second)
	}
	// A proxy is not bound but by what the listener has left: 8 less 5.
	proxy := statuses("127.0.0.9", 5)
	if got := count(proxy, http.StatusNoContent); got != 3 || count(proxy, http.StatusServiceUnavailable) != 2 {
		t.Errorf("a proxy: got %v, want three served and two told", proxy)
	}
	if limit.Open() != 8 || limit.Clients() != 2 || refused.Load() != 5 {
		t.Errorf("got %d open of %d clients and %d refused, want 8, 2 and 5", limit.Open(), limit.Clients(), refused.Load())
	}
	tried.Report(t, "6 connections of one address, 2 of another and 5 of a proxy, where 3 and 8 are the bounds",
		"%v, then the other served, the proxy %v", first, proxy)
}

func TestAPlaceIsGivenBack(t *testing.T) {
	limit, at := served(t, connlimit.Config{Most: 1, MostPerClient: 1})
	for range 20 {
		c, status := connect(t, "127.0.0.1", at)
		if status != http.StatusNoContent {
			t.Fatalf("got %d, want to be served", status)
		}
		c.Close()
		for began := time.Now(); limit.Open() > 0; <-time.After(time.Millisecond) {
			if time.Since(began) > bound {
				t.Fatal("the place is not given back")
			}
		}
	}
	if limit.Clients() != 0 {
		t.Errorf("got %d clients, want none to be remembered", limit.Clients())
	}
}

func TestWithoutABoundOneClientHasThemAll(t *testing.T) {
	limit, at := served(t, connlimit.Config{})
	for range 50 {
		if _, status := connect(t, "127.0.0.1", at); status != http.StatusNoContent {
			t.Fatalf("got %d", status)
		}
	}
	if limit.Open() != 50 {
		t.Errorf("got %d open, want 50", limit.Open())
	}
}

func TestAnEncryptedListenerClosesWithoutAWord(t *testing.T) {
	_, at := served(t, connlimit.Config{Most: 1, Encrypted: true})
	connect(t, "127.0.0.1", at)
	if _, status := connect(t, "127.0.0.1", at); status != 0 {
		t.Errorf("got %d, want the connection to be closed", status)
	}
}
