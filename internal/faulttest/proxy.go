package faulttest

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// Proxy passes TCP connections on to a server.
type Proxy struct {
	t        testing.TB
	upstream *url.URL
	proxy    *toxiproxy.Proxy
}

// Start starts a proxy in front of the server of a database URL and ends it with the test.
func Start(t testing.TB, database string) *Proxy {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal("the URL of the database is malformed")
	}
	api := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	p := &Proxy{t: t, upstream: u, proxy: toxiproxy.NewProxy(api, "database", "127.0.0.1:0", u.Host)}
	if err := p.proxy.Start(); err != nil {
		t.Fatalf("starting the proxy: %v", err)
	}
	t.Cleanup(p.proxy.Stop)
	return p
}

// URL returns the URL of the database through the proxy.
func (p *Proxy) URL() string {
	u := *p.upstream
	u.Host = p.proxy.Listen
	return u.String()
}

// Slow delays everything that the database answers. The returned function ends that.
func (p *Proxy) Slow(by time.Duration) (end func()) {
	p.t.Helper()
	return p.add("latency", map[string]int64{"latency": by.Milliseconds()})
}

// Silence drops everything that the database answers, and keeps the connections open. The returned
// function ends that.
func (p *Proxy) Silence() (end func()) {
	p.t.Helper()
	return p.add("timeout", map[string]int64{"timeout": 0})
}

// Cut ends all connections and refuses new ones. The returned function ends that.
func (p *Proxy) Cut() (end func()) {
	p.t.Helper()
	p.proxy.Stop()
	return func() {
		p.t.Helper()
		if err := p.proxy.Start(); err != nil {
			p.t.Fatalf("starting the proxy again: %v", err)
		}
	}
}

func (p *Proxy) add(kind string, attributes map[string]int64) (end func()) {
	p.t.Helper()
	raw, err := json.Marshal(map[string]any{"name": kind, "type": kind, "stream": "downstream", "attributes": attributes})
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := p.proxy.Toxics.AddToxicJson(strings.NewReader(string(raw))); err != nil {
		p.t.Fatalf("spoiling the connection: %v", err)
	}
	return func() {
		p.t.Helper()
		// Bounded: a link whose peer is gone may not give up its place.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(p.t.Context()), 10*time.Second)
		defer cancel()
		if err := p.proxy.Toxics.RemoveToxic(ctx, kind); err != nil {
			p.t.Errorf("repairing the connection: %v", err)
		}
	}
}
