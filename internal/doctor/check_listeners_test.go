package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
)

// closedPort is an address of this machine at which nothing listens: one that was free a moment ago may be
// somebody's by now, and this one is for root alone, and for a service that is gone.
func closedPort(t *testing.T) string {
	t.Helper()
	return "127.0.0.1:1"
}

func listening(t *testing.T) net.Listener {
	t.Helper()
	ln, err := new(net.ListenConfig).Listen(context.Background(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	return ln
}

func TestListenersOfAProcess(t *testing.T) {
	s := running(written(t, "profile: development\n"), "http://localhost")
	s.Process.Listeners["ops"] = strings.TrimPrefix(serving(t, func(http.ResponseWriter, *http.Request) {}), "http://")
	wants(t, look(t, s, listeners()), OK, "every listener answers")
	s.Process.Listeners["hydra_public"] = closedPort(t)
	wants(t, look(t, s, listeners()), Fault, "listen.hydra_public: does not answer")
	s.Process.Listeners = map[string]string{"kratos_admin": t.TempDir() + "/gone.sock"}
	wants(t, look(t, s, listeners()), Fault, "is gone")
}

func TestListenersBeforeAStart(t *testing.T) {
	free := "profile: development\nlisten: {ui: ':0', hydra_public: ':0', kratos_public: ':0', hydra_admin: '127.0.0.1:0', kratos_admin: '127.0.0.1:0', ops: "
	taken := listening(t)
	for name, tt := range map[string]struct {
		ops  string
		l    Level
		text string
	}{
		"free ports are well":                  {"'127.0.0.1:0'", OK, "or could"},
		"a port that another process has":      {fmt.Sprintf("'%s'", taken.Addr()), Fault, "is in use by another process"},
		"an address of another machine":        {"'192.0.2.1:4437'", Fault, "is no address of this machine"},
		"a socket in a folder that is not":     {"'unix:/nowhere/ops.sock'", Fault, "there is no folder"},
		"a listener that is off is not looked": {"'off'", OK, "or could"},
	} {
		t.Run(name, func(t *testing.T) {
			wants(t, look(t, written(t, free+tt.ops+"}\n"), listeners()), tt.l, tt.text)
		})
	}
}

func TestWhyAPortCannotBeBound(t *testing.T) {
	for err, want := range map[error]string{
		syscall.EACCES:                        "for root alone",
		syscall.EADDRINUSE:                    "in use",
		&net.DNSError{}:                       "is not found",
		errors.New("something else"):          "something else",
		fmt.Errorf("x: %w", fs.ErrPermission): "for root alone",
	} {
		if f := unbound("listen.ui", ":80", 80, err); !strings.Contains(f.Text, want) || f.Cure == "" {
			t.Errorf("got %+v, want %q", f, want)
		}
	}
}
