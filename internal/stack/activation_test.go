package stack

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/control"
	"example.com/identityd/internal/systemd"
)

// said is a listener that is bound where it says.
type said struct {
	net.Listener

	addr net.Addr
}

// Addr implements net.Listener.
func (s said) Addr() net.Addr { return s.addr }

func at(network, address string) net.Listener {
	if network == "unix" {
		return said{addr: &net.UnixAddr{Name: address, Net: "unix"}}
	}
	a, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		panic(err)
	}
	return said{addr: a}
}

func TestSocketsOfAServiceManagerAreWhatTheFileSays(t *testing.T) {
	dir := t.TempDir()
	socket := func(name string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		ln, err := net.Listen("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { ln.Close() })
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	private, open := socket("private", 0o600), socket("open", 0o660)
	for name, c := range map[string]struct {
		listener, file string
		socket         net.Listener
		want           string // in the error; empty is none
	}{
		"the same address":                             {"hydra_public", "127.0.0.1:4444", at("tcp", "127.0.0.1:4444"), ""},
		"any port where the file leaves it open":       {"hydra_public", "127.0.0.1:0", at("tcp", "127.0.0.1:1234"), ""},
		"all addresses":                                {"hydra_public", ":443", at("tcp", "[::]:443"), ""},
		"localhost of either family":                   {"hydra_public", "localhost:4444", at("tcp", "[::1]:4444"), ""},
		"the same path":                                {"hydra_public", "unix:/run/a", at("unix", "/run/a"), ""},
		"the socket of one user for an admin":          {"kratos_admin", "unix:" + private, at("unix", private), ""},
		"a name that is no listener":                   {"identityd.socket", "", at("tcp", "[::]:443"), `named "identityd.socket", which is no listener; write FileDescriptorName= with one of gateway, hydra_admin`},
		"another port":                                 {"hydra_public", ":4444", at("tcp", "[::]:443"), `listen.hydra_public: must be the address of the socket that the service manager passed for it, [::]:443 (got ":4444"); write "[::]:443" here`},
		"another host":                                 {"kratos_admin", "127.0.0.1:4434", at("tcp", "[::]:4434"), `(got "127.0.0.1:4434")`},
		"a path in place of a port":                    {"hydra_public", ":4444", at("unix", "/run/a"), `write "unix:/run/a" here`},
		"a listener that is off":                       {"hydra_public", "off", at("tcp", "[::]:443"), "must not be off"},
		"the socket of many users for an admin":        {"kratos_admin", "unix:" + open, at("unix", open), "has mode 0660); write SocketMode=0600 into its unit"},
		"the socket of an admin that is there no more": {"kratos_admin", "unix:/nowhere", at("unix", "/nowhere"), "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			var cfg config.Config
			if c.file != "" {
				a, err := config.ParseAddress(c.file)
				if err != nil {
					t.Fatal(err)
				}
				switch c.listener {
				case "hydra_public":
					cfg.Listen.HydraPublic = a
				case "kratos_admin":
					cfg.Listen.KratosAdmin = a
				}
			}
			got, err := given(cfg, []systemd.Socket{{Name: c.listener, Listener: c.socket}})
			var problems *config.Problems
			switch {
			case c.want == "" && (err != nil || len(got[c.listener]) != 1):
				t.Errorf("got %v, %v, want it", got, err)
			case c.want != "" && (!errors.As(err, &problems) || !strings.Contains(err.Error(), c.want)):
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestOnlySilenceIsNoLife(t *testing.T) {
	const within = 300 * time.Millisecond
	dir := t.TempDir()
	s := &Stack{cfg: config.Config{DataDir: dir}}
	if err := s.lives(t.Context(), within); err != nil {
		t.Errorf("without a control socket: got %v", err)
	}
	ln, _, err := control.Listen(t.Context(), dir, func(int) {})
	if err != nil {
		t.Skip("SKIP: no control socket here: " + err.Error())
	}
	defer ln.Close()
	if err := s.lives(t.Context(), within); err == nil { // the system connects it, and nobody answers
		t.Error("a process that does not answer was taken for alive")
	}
}
