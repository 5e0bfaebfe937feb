package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// dialer opens connections to the product's own addresses only and counts them: being sent
// anywhere else is a finding, not a thing to follow.
type dialer struct {
	allowed map[string]bool
	connect string
	tls     *tls.Config

	mu     sync.Mutex
	counts map[string]int
}

func newDialer(bases ...string) (*dialer, error) {
	d := &dialer{allowed: map[string]bool{}, counts: map[string]int{}}
	for _, base := range bases {
		if base == "" {
			continue
		}
		u, err := url.Parse(base)
		if err != nil {
			return nil, fmt.Errorf("reading address %q: %w", base, err)
		}
		d.allowed[hostPort(u)] = true
	}
	return d, nil
}

func (d *dialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if !d.allowed[address] {
		return nil, fmt.Errorf("refusing to connect to %s: not an address of the product", address)
	}
	// A negative delay tries the addresses of "localhost" one after another: racing them can leave
	// the server with a connection that this side never counted.
	conn, err := (&net.Dialer{Timeout: 10 * time.Second, FallbackDelay: -1}).
		DialContext(ctx, network, d.target(address))
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.counts[address]++
	return conn, nil
}

// target is where a connection really goes.
func (d *dialer) target(address string) string {
	_, port, err := net.SplitHostPort(address)
	if d.connect == "" || err != nil {
		return address
	}
	return net.JoinHostPort(d.connect, port)
}

// trust makes the dialer accept certificates signed by the PEM roots.
func (d *dialer) trust(roots []byte) error {
	pool, err := x509.SystemCertPool()
	if err != nil {
		return fmt.Errorf("reading system certificates: %w", err)
	}
	if !pool.AppendCertsFromPEM(roots) {
		return errors.New("no certificate found in the file of -ca")
	}
	d.tls = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	return nil
}

func (d *dialer) dialed() map[string]int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.counts)
}

// transport is one user's set of connections. Proxies from the environment are left out: they
// would hide who dials whom.
func (d *dialer) transport() *http.Transport {
	return &http.Transport{
		DialContext:           d.dial,
		TLSClientConfig:       d.tls.Clone(),
		ForceAttemptHTTP2:     d.tls != nil,
		MaxIdleConnsPerHost:   6,
		IdleConnTimeout:       time.Minute,
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: 60 * time.Second,
	}
}

func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}
