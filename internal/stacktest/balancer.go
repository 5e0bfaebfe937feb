package stacktest

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"
	"time"
)

// Balancer hands every request to the next of its backends, as a balancer without affinity does.
type Balancer struct {
	mu       sync.Mutex
	backends []*url.URL
	next     int
	socket   string
}

// Proxy ends TLS, or plain HTTP when a is empty, on the listener, in front of the backends.
func Proxy(t testing.TB, ln net.Listener, a Authority, backends ...string) *Balancer {
	t.Helper()
	b := &Balancer{}
	b.To(t, backends...)
	transport := &http.Transport{DialContext: b.dial}
	server := &http.Server{
		ReadHeaderTimeout: 10 * time.Second,
		Handler: &httputil.ReverseProxy{
			Transport: transport,
			Rewrite: func(r *httputil.ProxyRequest) {
				r.SetURL(b.take())
				r.Out.Host = r.In.Host
				r.SetXForwarded()
			},
		},
	}
	done := make(chan error, 1)
	go func() {
		if a.CertFile == "" {
			done <- server.Serve(ln)
			return
		}
		server.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
		done <- server.ServeTLS(ln, a.CertFile, a.KeyFile)
	}()
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
		transport.CloseIdleConnections()
	})
	return b
}

// Through goes to a unix socket, whatever the backend is called.
func (b *Balancer) Through(socket string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.socket = socket
}

func (b *Balancer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	b.mu.Lock()
	socket := b.socket
	b.mu.Unlock()
	if socket != "" {
		network, address = "unix", socket
	}
	return new(net.Dialer).DialContext(ctx, network, address)
}

// To replaces the backends.
func (b *Balancer) To(t testing.TB, backends ...string) {
	t.Helper()
	var parsed []*url.URL
	for _, raw := range backends {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, u)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.backends = parsed
}

func (b *Balancer) take() *url.URL {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.next++
	return b.backends[b.next%len(b.backends)]
}
