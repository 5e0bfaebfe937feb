package systemd

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// hear is a service manager's end.
func hear(t *testing.T) (path string, next func() string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "notify")
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return path, func() string {
		t.Helper()
		if err := c.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
			t.Fatal(err)
		}
		raw := make([]byte, 4096)
		n, err := c.Read(raw)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw[:n])
	}
}

func TestAServiceManagerIsTold(t *testing.T) {
	path, next := hear(t)
	t.Setenv("NOTIFY_SOCKET", path)
	t.Setenv("WATCHDOG_USEC", "3000000")
	t.Setenv("WATCHDOG_PID", strconv.Itoa(os.Getpid()))
	m, sockets, err := Take()
	if err != nil || m == nil || sockets != nil {
		t.Fatalf("got %v, %v, %v", m, sockets, err)
	}
	for _, name := range []string{"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"} {
		if value, ok := os.LookupEnv(name); ok {
			t.Errorf("children would find %s=%s", name, value)
		}
	}
	if got, want := m.Watchdog(), 3*time.Second; got != want {
		t.Errorf("got a watchdog of %s, want %s", got, want)
	}
	ctx := t.Context()
	m.Status(ctx, "waiting\nfor  the database")
	m.Status(ctx, "waiting for the database") // nothing new
	m.Ready(ctx, "serving")
	m.Alive(ctx)
	m.Extend(ctx, time.Minute)
	m.Stopping(ctx, "serving")
	var got []string
	for range 5 {
		got = append(got, next())
	}
	want := []string{"STATUS=waiting for the database", "READY=1\nSTATUS=serving", "WATCHDOG=1", "EXTEND_TIMEOUT_USEC=60000000", "STOPPING=1"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	m.Reloading(ctx)
	first, second, _ := strings.Cut(next(), "\n")
	micros, err := strconv.Atoi(strings.TrimPrefix(second, "MONOTONIC_USEC="))
	if first != "RELOADING=1" || err != nil || micros <= 0 {
		t.Errorf("got %q, %q, want RELOADING=1 and the time", first, second)
	}
}

func TestNobodyIsTold(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	m, sockets, err := Take()
	if m != nil || sockets != nil || err != nil {
		t.Fatalf("got %v, %v, %v, want nothing", m, sockets, err)
	}
	m.Status(t.Context(), "serving") // does no harm
	if got := m.Watchdog(); got != 0 {
		t.Errorf("got a watchdog of %s", got)
	}
}
