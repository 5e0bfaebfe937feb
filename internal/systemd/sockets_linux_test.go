package systemd

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const takeVariable = "IDENTITYD_TEST_TAKE"

// TestMain lets the test binary be the process that is started with sockets.
func TestMain(m *testing.M) {
	if os.Getenv(takeVariable) == "" {
		os.Exit(m.Run())
	}
	_, sockets, err := Take()
	for _, s := range sockets {
		fmt.Fprintln(os.Stdout, s.Name, s.Addr().Network(), s.Addr())
	}
	if err != nil {
		fmt.Fprintln(os.Stdout, err)
	}
	for _, name := range []string{"LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"} {
		if _, ok := os.LookupEnv(name); ok {
			fmt.Fprintln(os.Stdout, "left", name)
		}
	}
	os.Exit(0)
}

// taken is what a process says that is started with files, as systemd does it.
func taken(t *testing.T, pid, names string, files ...*os.File) string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "/bin/sh", "-c", "LISTEN_PID="+pid+` exec "$0"`, exe)
	cmd.Env = []string{takeVariable + "=1", fmt.Sprintf("LISTEN_FDS=%d", len(files)), "LISTEN_FDNAMES=" + names, "GORACE=atexit_sleep_ms=0"}
	cmd.ExtraFiles = files
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

func TestSocketsAreTaken(t *testing.T) {
	tcp, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tcp.Close() }()
	path := filepath.Join(t.TempDir(), "s")
	unix, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Close() }()
	udp, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = udp.Close() }()
	dialed, err := net.DialTCP("tcp", nil, tcp.Addr().(*net.TCPAddr)) //nolint:forcetypeassert // it was asked for
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = dialed.Close() }()
	file := func(f *os.File, err error) *os.File {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
	t.Run("those that listen, by their names, and nothing is left for children", func(t *testing.T) {
		want := fmt.Sprintf("gateway tcp %s\nkratos_admin unix %s\n", tcp.Addr(), path)
		if d := cmp.Diff(want, taken(t, "$$", "gateway:kratos_admin", file(tcp.File()), file(unix.File()))); d != "" {
			t.Error(d)
		}
	})
	t.Run("none that are meant for another process", func(t *testing.T) {
		if got := taken(t, "1", "gateway", file(tcp.File())); got != "" {
			t.Errorf("got %q", got)
		}
	})
	for name, f := range map[string]*os.File{
		"no socket of datagrams":                      file(udp.File()),
		"no connection, which Accept=yes passes":      file(dialed.File()),
		"no file, which only looks like a descriptor": file(os.Open(os.DevNull)),
	} {
		t.Run(name, func(t *testing.T) {
			got := taken(t, "$$", "gateway:ui", file(tcp.File()), f)
			if !strings.HasPrefix(got, `the socket that the service manager passed as "ui" accepts no connections`) ||
				!strings.Contains(got, "Accept=no") || strings.Contains(got, "gateway tcp") {
				t.Errorf("got %q", got)
			}
		})
	}
}
