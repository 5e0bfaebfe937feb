package outbound

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// MaxBody is how much of an answer is read. Documents of keys and of discovery have kilobytes.
const MaxBody = 10 << 20

// maxRedirects is how often an answer may send a call elsewhere.
const maxRedirects = 3

type transport struct {
	policy    *Policy
	component string
	// direct goes to the address, proxied to the proxy; nil without one.
	direct, proxied *http.Transport
}

// Transport returns the way out for one part of the process, by whose name its log lines are known. It holds
// for every client made of it, whatever that client's own timeout and rule of redirects. Nothing is read
// from the environment.
func (p *Policy) Transport(component string) http.RoundTripper {
	t := &transport{policy: p, component: component}
	t.direct = t.base()
	t.direct.DialContext = t.dial
	if p.cfg.Proxy != nil {
		t.proxied = t.base()
		t.proxied.DialContext = t.dialProxy
		t.proxied.Proxy = func(*http.Request) (*url.URL, error) { return p.cfg.Proxy, nil }
	}
	return t
}

func (t *transport) base() *http.Transport {
	return &http.Transport{
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    connectTimeout,
		MaxResponseHeaderBytes: 64 << 10,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           100,
		MaxIdleConnsPerHost:    4,
		MaxConnsPerHost:        64,
		IdleConnTimeout:        90 * time.Second,
	}
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	way, kind, resolved := t.route(r)
	if kind != "" {
		if r.Body != nil {
			r.Body.Close()
		}
		t.refuse(r.Context(), kind, authority(r.URL), resolved)
		return nil, &Refused{Kind: kind}
	}
	if t.policy.cfg.Unguarded {
		return way.RoundTrip(r)
	}
	ctx, cancel := context.WithTimeout(r.Context(), t.policy.cfg.Timeout)
	res, err := way.RoundTrip(r.WithContext(ctx))
	if err != nil {
		defer cancel()
		return nil, t.failed(ctx, r, err)
	}
	if res.ContentLength > MaxBody {
		defer cancel()
		res.Body.Close()
		t.refuse(ctx, TooLarge, authority(r.URL), "")
		return nil, &Refused{Kind: TooLarge}
	}
	res.Body = &body{ReadCloser: res.Body, transport: t, ctx: ctx, cancel: cancel, host: authority(r.URL), left: MaxBody}
	return res, nil
}

// route says which way a request goes, or why it goes none.
func (t *transport) route(r *http.Request) (way *http.Transport, kind Kind, resolved string) {
	cfg := t.policy.cfg
	switch {
	case r.URL.Scheme != "http" && r.URL.Scheme != "https":
		return nil, Scheme, ""
	case cfg.None && !cfg.Unguarded:
		return nil, AirGap, ""
	case !cfg.Unguarded:
		if kind := followed(r); kind != "" {
			return nil, kind, ""
		}
	}
	if t.proxied == nil {
		return t.direct, "", ""
	}
	host, port := r.URL.Hostname(), port(r.URL)
	addr, err := netip.ParseAddr(host)
	if err == nil {
		at := netip.AddrPortFrom(plain(addr), port)
		if kind := t.policy.judge(host, at); kind != "" {
			return nil, kind, addr.String()
		}
		if t.policy.allowsAddress(at) {
			return t.direct, "", ""
		}
	}
	// The proxy looks names up, and what they resolve to is judged by its rules. That of this machine is
	// known without.
	name := strings.TrimSuffix(strings.ToLower(host), ".")
	switch {
	case t.policy.allowsHost(name, port):
		return t.direct, "", ""
	case (name == "localhost" || strings.HasSuffix(name, ".localhost")) && !cfg.Unguarded:
		return nil, Private, ""
	}
	return t.proxied, "", ""
}

// followed judges the redirects that led to a request.
func followed(r *http.Request) Kind {
	hops := 0
	for at := r; at.Response != nil && at.Response.Request != nil; at = at.Response.Request {
		if hops++; hops > maxRedirects {
			return Redirects
		}
		if at.Response.Request.URL.Scheme == "https" && at.URL.Scheme != "https" {
			return Downgrade
		}
	}
	return ""
}

// failed counts and hides what went wrong.
func (t *transport) failed(ctx context.Context, r *http.Request, err error) error {
	refused := (*Refused)(nil)
	switch {
	case errors.As(err, &refused): // counted where it was dialed
	case r.Context().Err() != nil: // the caller went away
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		t.refuse(ctx, TooSlow, authority(r.URL), "")
		return &Refused{Kind: TooSlow}
	default:
		t.policy.cfg.Log.WarnContext(ctx, "outgoing call failed", "component", t.component, "host", authority(r.URL), "err", err)
	}
	return hide(err)
}

// authority is host:port, without what else an address may hold: its path and query may be secret.
func authority(u *url.URL) string {
	return net.JoinHostPort(u.Hostname(), strconv.Itoa(int(port(u))))
}

func port(u *url.URL) uint16 {
	if n, err := strconv.ParseUint(u.Port(), 10, 16); err == nil {
		return uint16(n)
	}
	if u.Scheme == "https" {
		return 443
	}
	return 80
}
