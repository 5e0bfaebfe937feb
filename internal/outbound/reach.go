package outbound

import (
	"context"
	"net/http"
	"net/url"
)

// Reach connects to where a URL leads, as a call would, and says nothing there. What a forward proxy reaches is
// not known without asking: nil is returned for it. The error is not fit to be shown to strangers.
func (p *Policy) Reach(ctx context.Context, u *url.URL) error {
	t := &transport{policy: p, component: "reach"}
	t.direct = t.base()
	if p.cfg.Proxy != nil {
		t.proxied = t.base()
	}
	way, kind, resolved := t.route((&http.Request{URL: u}).WithContext(ctx))
	switch {
	case kind != "":
		t.refuse(ctx, kind, authority(u), resolved)
		return &Refused{Kind: kind}
	case way == t.proxied:
		return nil
	}
	conn, err := t.dial(ctx, "tcp", authority(u))
	if err != nil {
		return err
	}
	return conn.Close()
}
