package demo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
)

// bind opens the listeners of an address and returns the base URL a browser uses for it.
func bind(ctx context.Context, value string) ([]net.Listener, string, error) {
	host, port, err := splitListen(value)
	if err != nil {
		return nil, "", err
	}
	if host != "localhost" {
		l, err := listen(ctx, "tcp", host, port)
		if err != nil {
			return nil, "", err
		}
		return []net.Listener{l}, base(host, l), nil
	}
	first, err := listen(ctx, "tcp4", "127.0.0.1", port)
	if err != nil {
		return nil, "", err
	}
	// A browser tries ::1 first for localhost: somebody else must not be the one who answers there.
	second, err := listen(ctx, "tcp6", "::1", first.Addr().(*net.TCPAddr).Port)
	switch {
	case err == nil:
		return []net.Listener{first, second}, base(host, first), nil
	case taken(err):
		first.Close()
		return nil, "", err
	default: // a machine without IPv6
		return []net.Listener{first}, base(host, first), nil
	}
}

func listen(ctx context.Context, network, host string, port int) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, network, net.JoinHostPort(host, strconv.Itoa(port)))
	if taken(err) {
		return nil, fmt.Errorf("port %d of %s is taken: end what uses it, or choose another with "+
			"--listen localhost:5556", port, host)
	}
	if err != nil {
		return nil, fmt.Errorf("listening for the demo: %w", err)
	}
	return l, nil
}

func taken(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }

func base(host string, l net.Listener) string {
	port := l.Addr().(*net.TCPAddr).Port
	return "http://" + net.JoinHostPort(host, strconv.Itoa(port))
}
