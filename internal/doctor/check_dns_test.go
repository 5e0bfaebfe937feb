package doctor

import (
	"context"
	"errors"
	"net"
	"testing"
)

// names is a name server of function fields.
type nameServer struct {
	host func(string) ([]string, error)
	txt  func(string) ([]string, error)
}

var errNotFound = &net.DNSError{Err: "no such host", IsNotFound: true}

func (n nameServer) LookupHost(_ context.Context, host string) ([]string, error) {
	if n.host == nil {
		return nil, errNotFound
	}
	return n.host(host)
}

func (n nameServer) LookupTXT(_ context.Context, name string) ([]string, error) {
	if n.txt == nil {
		return nil, errNotFound
	}
	return n.txt(name)
}

func (n nameServer) LookupMX(context.Context, string) ([]*net.MX, error) {
	return []*net.MX{{Host: "mx.example.com."}}, nil
}

func TestNames(t *testing.T) {
	for name, tt := range map[string]struct {
		more string
		list []string
		err  error
		l    Level
		text string
	}{
		"a name that is known":          {"", []string{"198.51.100.7"}, nil, OK, "id.example.com is 198.51.100.7"},
		"a name that nobody knows":      {"", nil, errNotFound, Fault, "origin: the name id.example.com is not found"},
		"a name server that is ill":     {"", nil, errors.New("ill"), Warning, "does not answer"},
		"an address without a listener": {"listen: {gateway: '127.0.0.1:3000'}\n", []string{"127.0.0.1", "::1"}, nil, Warning, "::1 of this machine, at which listen.gateway does not"},
		"an address of both families":   {"listen: {gateway: ':3000'}\n", []string{"127.0.0.1", "::1"}, nil, OK, "is 127.0.0.1, ::1"},
		"an address of another machine": {"listen: {gateway: '127.0.0.1:3000'}\n", []string{"2001:db8::1"}, nil, OK, "2001:db8::1"},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.l == Warning && len(tt.list) > 1 && !ownAddress(net.IPv6loopback) {
				t.Skip("SKIP: this machine has no IPv6")
			}
			s := inProduction(t, good+tt.more)
			s.Net.Resolver = nameServer{host: func(string) ([]string, error) { return tt.list, tt.err }}
			wants(t, look(t, s, ownNames()), tt.l, tt.text)
		})
	}
}
