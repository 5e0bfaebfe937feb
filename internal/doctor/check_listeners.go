package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

// listeners looks whether each listener answers, or, where nothing runs, whether it could be bound.
func listeners() Check {
	return Check{
		Area: Addresses, Name: "listeners", Tells: "every listener answers, or could", Words: []string{"listen", "tls"},
		Run: func(ctx context.Context, s *Subject) []Finding {
			if s.Process != nil {
				return s.knock(ctx)
			}
			if s.Unasked != nil {
				return []Finding{Skippedf("the identityd that runs does not answer")}
			}
			return s.tryBinding(ctx)
		},
	}
}

// knock asks each listener of the running process for its health.
func (s *Subject) knock(ctx context.Context) []Finding {
	var out []Finding
	for _, name := range slices.Sorted(maps.Keys(s.Process.Listeners)) {
		at := s.Process.Listeners[name]
		host, port, err := net.SplitHostPort(at)
		if err != nil { // a socket
			if _, err := os.Stat(at); errors.Is(err, fs.ErrNotExist) {
				out = append(out, Faultf("listen.%s: the socket %s is gone", name, at).Cured("restart identityd"))
			}
			continue
		}
		if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
			host = "127.0.0.1"
			if ip.To4() == nil && !loopback4(ctx, port) {
				host = "::1"
			}
		}
		if _, err := s.Net.ask(ctx, http.MethodGet, s.schemeOf(name)+net.JoinHostPort(host, port)+"/health/alive", nil); err != nil {
			out = append(out, Faultf("listen.%s: does not answer at %s: %s", name, at, unreached(err)).
				Cured("look for a firewall on this machine, and at limits of connections (limits in stack.yaml)"))
		}
	}
	return out
}

// loopback4 reports whether a listener on all addresses is there by IPv4.
func loopback4(ctx context.Context, port string) bool {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp4", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

func (s *Subject) schemeOf(listener string) string {
	if s.Config.TLS.Pair(listener).Empty() {
		return "http://"
	}
	return "https://"
}

// tryBinding binds each address for a moment, as the start would.
func (s *Subject) tryBinding(ctx context.Context) []Finding {
	var out []Finding
	for _, name := range []string{"gateway", "ui", "hydra_public", "kratos_public", "hydra_admin", "kratos_admin", "ops"} {
		a, _ := s.listen(name)
		if a.Off() || name == "ui" && s.Config.Listen.GatewayServesUI() {
			continue
		}
		word := "listen." + name
		if name == "gateway" && s.Config.Listen.GatewayServesUI() {
			word = "listen.ui"
		}
		if a.Network() == "unix" {
			if info, err := os.Stat(filepath.Dir(a.Path())); err != nil || !info.IsDir() {
				out = append(out, Faultf("%s: there is no folder for the socket %s", word, a.Path()).Cured("make it, for the user that identityd runs as"))
			}
			continue
		}
		host := a.Host()
		if host == "localhost" {
			host = "127.0.0.1"
		}
		ln, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(a.Port())))
		if err == nil {
			ln.Close()
			continue
		}
		out = append(out, unbound(word, a.String(), a.Port(), err))
	}
	return out
}

func unbound(word, at string, port int, err error) Finding {
	f := Faultf("%s: %s cannot be bound: %v", word, at, err).Cured("write another address")
	var dns *net.DNSError
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		f = Faultf("%s: %s is in use by another process", word, at).Cured("%s", fmt.Sprintf("end it (ss -ltnp 'sport = :%d' names it), or write another port", port))
	case errors.Is(err, fs.ErrPermission):
		f = Faultf("%s: port %d is for root alone", word, port).Cured("write a port from 1024, or allow it with setcap cap_net_bind_service=+ep on the binary")
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		f = Faultf("%s: %s is no address of this machine", word, at).Cured("write a port alone, as in \":%d\", for all addresses", port)
	case errors.As(err, &dns):
		f = Faultf("%s: the host of %s is not found", word, at).Cured("write an IP address of this machine, or a port alone")
	}
	return f
}
