package side

import (
	"fmt"
	"net/http"
	"sync/atomic"
)

// The headers by which a proxy says what it ended and who called it.
const (
	forwardedProto = "X-Forwarded-Proto"
	forwardedFor   = "X-Forwarded-For"
)

// visitor is who calls when the request does not say: an address of RFC 5737, which nobody has.
const visitor = "203.0.113.7"

// Transport reaches the addresses of the side over base, as a proxy that ends TLS in front of it would: the host and the cookies are those of https, the bytes go to
// the listener in the clear. Requests to several processes of a role take turns. A request that brings X-Forwarded-For keeps it.
func (r *Running) Transport(base http.RoundTripper) http.RoundTripper {
	t := &transport{base: base, turns: make(map[string]*turn, len(r.dial))}
	for host, listeners := range r.dial {
		t.turns[host] = &turn{listeners: listeners}
	}
	return t
}

type transport struct {
	base  http.RoundTripper
	turns map[string]*turn
}

type turn struct {
	listeners []string
	next      atomic.Uint64
}

func (t *turn) take() string {
	return t.listeners[(t.next.Add(1)-1)%uint64(len(t.listeners))]
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	of, known := t.turns[r.URL.Host]
	if !known {
		return nil, fmt.Errorf("calling %s: the side has no such host", r.URL.Host)
	}
	out, to := r.WithContext(r.Context()), *r.URL
	if to.Scheme == "https" {
		to.Scheme = "http"
		if out.Host == "" {
			out.Host = r.URL.Host
		}
		out.Header = r.Header.Clone()
		if out.Header == nil {
			out.Header = make(http.Header, 2)
		}
		out.Header.Set(forwardedProto, "https")
		if out.Header.Get(forwardedFor) == "" {
			out.Header.Set(forwardedFor, visitor)
		}
	}
	to.Host = of.take()
	out.URL = &to
	resp, err := t.base.RoundTrip(out)
	if resp != nil {
		resp.Request = r // where a redirect is relative to
	}
	return resp, err
}
