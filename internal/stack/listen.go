package stack

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strconv"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/socket"
)

// ListenFunc binds one address.
type ListenFunc func(ctx context.Context, network, address string) (net.Listener, error)

// listener is one of the listeners of stack.yaml.
type listener struct {
	name    string // its word under listen:
	address config.Address
	admin   bool
	bound   []net.Listener
	// handed says that it was bound before this process began.
	handed bool
}

// listeners are all that a file can name.
func listeners(cfg config.Listen) []*listener {
	return []*listener{
		{name: "gateway", address: cfg.Gateway},
		{name: "ui", address: cfg.UI},
		{name: "hydra_public", address: cfg.HydraPublic},
		{name: "kratos_public", address: cfg.KratosPublic},
		{name: "hydra_admin", address: cfg.HydraAdmin, admin: true},
		{name: "kratos_admin", address: cfg.KratosAdmin, admin: true},
		{name: "ops", address: cfg.Ops},
	}
}

// bind binds them all or none, before anything else happens: a port that is taken ends the start in a
// millisecond, with nothing migrated.
func bind(ctx context.Context, cfg config.Listen, listen ListenFunc, handed map[string][]net.Listener) ([]*listener, error) {
	var on []*listener
	for _, l := range listeners(cfg) {
		if l.address.Off() || l.name == "ui" && cfg.GatewayServesUI() {
			continue
		}
		if l.bound = handed[l.name]; len(l.bound) > 0 {
			l.handed = true
			on = append(on, l)
			continue
		}
		if err := l.bind(ctx, listen); err != nil {
			closeAll(on)
			word := l.name
			if l.name == "gateway" && cfg.GatewayServesUI() {
				word = "ui" // the one that moves both
			}
			return nil, bindCode(fmt.Errorf("binding listen.%s: %w%s", word, err, bindCure(err, l.address)))
		}
		on = append(on, l)
	}
	return on, nil
}

// bindCure is for the ports that the system keeps for root.
func bindCure(err error, a config.Address) string {
	if errors.Is(err, fs.ErrPermission) && a.Network() == "tcp" && a.Port() < 1024 {
		return "; ports below 1024 need a right: let systemd bind it (identityd.socket), or give the program CAP_NET_BIND_SERVICE"
	}
	return ""
}

// socketMode is that of a unix socket which was handed over.
func (l *listener) socketMode() (fs.FileMode, bool) {
	if !l.handed || l.address.Network() != "unix" {
		return 0, false
	}
	info, err := os.Lstat(l.address.Path())
	if err != nil {
		return 0, false
	}
	return info.Mode().Perm(), true
}

func (l *listener) bind(ctx context.Context, listen ListenFunc) error {
	a := l.address
	if a.Network() == "unix" {
		return l.bindSocket(ctx)
	}
	// localhost stands for the loopback of both address families: a browser tries ::1 first.
	if a.Host() != "localhost" {
		ln, err := listen(ctx, "tcp", a.String())
		if err != nil {
			return err
		}
		l.bound = []net.Listener{ln}
		return nil
	}
	for range 8 { // a free port of one family may be taken in the other
		first, err := listen(ctx, "tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(a.Port())))
		if err != nil {
			return err
		}
		_, port, _ := net.SplitHostPort(first.Addr().String())
		second, err := listen(ctx, "tcp6", net.JoinHostPort("::1", port))
		switch {
		case err == nil:
			l.bound = []net.Listener{first, second}
			return nil
		case !hasIPv6(ctx):
			l.bound = []net.Listener{first}
			return nil
		case a.Port() != 0:
			first.Close()
			return err
		}
		first.Close()
	}
	return errors.New("no port is free on both 127.0.0.1 and ::1")
}

// bindSocket takes the place of a socket that a dead process left behind. One that still answers is
// somebody's. Who can connect to that of an admin listener is this user, which is proof enough.
func (l *listener) bindSocket(ctx context.Context) error {
	opts := socket.Options{Mode: 0o660}
	if l.admin {
		opts.Mode = 0o600
	}
	ln, err := socket.Listen(ctx, l.address.Path(), opts)
	if err != nil {
		return err
	}
	l.bound = []net.Listener{ln}
	return nil
}

func hasIPv6(ctx context.Context) bool {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp6", "[::1]:0")
	if err != nil {
		return false
	}
	ln.Close()
	return true
}

func closeAll(list []*listener) {
	for _, l := range list {
		for _, ln := range l.bound {
			ln.Close()
		}
	}
}

// port returns the bound port, or 0 for a socket. One that is not bound has the port of the file.
func (l *listener) port() int {
	if len(l.bound) == 0 {
		return l.address.Port()
	}
	if tcp, ok := l.bound[0].Addr().(*net.TCPAddr); ok {
		return tcp.Port
	}
	return 0
}
