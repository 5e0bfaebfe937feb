package outbound

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	connectTimeout = 5 * time.Second
	keepAlive      = 30 * time.Second
)

// dial connects to host:port. Each address is judged after the name was looked up and before the first
// packet, so that a name that resolves anew for each question gains nothing.
func (t *transport) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	var (
		mu     sync.Mutex // addresses of both families are tried side by side
		kind   Kind
		denied []string
	)
	d := net.Dialer{Timeout: connectTimeout, KeepAlive: keepAlive, Control: func(network, resolved string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(resolved)
		if err != nil || !strings.HasPrefix(network, "tcp") {
			return &Refused{Kind: Reserved}
		}
		reason := t.policy.judge(host, at)
		mu.Lock()
		defer mu.Unlock()
		if reason == "" {
			t.policy.dials.Add(1)
			return nil
		}
		kind = reason
		denied = append(denied, at.Addr().String())
		return &Refused{Kind: reason}
	}}
	conn, err := d.DialContext(ctx, network, address)
	mu.Lock()
	defer mu.Unlock()
	if kind != "" {
		// Also when another address of the name was good: a name with both is no accident.
		t.refuse(ctx, kind, address, strings.Join(denied, " "))
		if refused := (*Refused)(nil); err != nil && !errors.As(err, &refused) {
			err = errors.Join(err, &Refused{Kind: kind})
		}
	}
	return conn, err
}

// dialProxy connects to the forward proxy, the only address of the transport that it belongs to.
func (t *transport) dialProxy(ctx context.Context, network, address string) (net.Conn, error) {
	t.policy.dials.Add(1)
	d := net.Dialer{Timeout: connectTimeout, KeepAlive: keepAlive}
	return d.DialContext(ctx, network, address)
}
