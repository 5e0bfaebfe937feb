package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"example.com/identityd/internal/scripttest"
	"example.com/identityd/internal/tried"
)

// manager is what systemd is for a service: it hears what that says, and holds its sockets.
type manager struct {
	dir, notify string
	mu          sync.Mutex
	heard       []string
}

func newManager(t *testing.T) *manager {
	t.Helper()
	dir := t.TempDir()
	m := &manager{dir: dir, notify: filepath.Join(dir, "notify")}
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: m.notify, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	go func() {
		raw := make([]byte, 4096)
		for {
			n, err := c.Read(raw)
			if err != nil {
				return
			}
			m.mu.Lock()
			m.heard = append(m.heard, string(raw[:n]))
			m.mu.Unlock()
		}
	}()
	return m
}

// start starts identityd with sockets, by their names.
func (m *manager) start(t *testing.T, name string, sockets map[string]*os.File, environ []string, args ...string) *scripttest.Process {
	t.Helper()
	path, err := exec.LookPath("identityd")
	if err != nil {
		t.Fatal(err)
	}
	// LISTEN_PID is that of the process itself.
	cmd := exec.CommandContext(context.Background(), "/bin/sh", append([]string{"-c", `LISTEN_PID=$$ exec "$0" "$@"`, path}, args...)...)
	cmd.Dir = m.dir
	var names []string
	for name, f := range sockets {
		names, cmd.ExtraFiles = append(names, name), append(cmd.ExtraFiles, f)
	}
	cmd.Env = append(append(scripttest.AnyPort(), "PATH="+os.Getenv("PATH"), "GORACE="+os.Getenv("GORACE"), "NOTIFY_SOCKET="+m.notify,
		"LISTEN_FDS="+strconv.Itoa(len(names)), "LISTEN_FDNAMES="+strings.Join(names, ":")), environ...)
	p, err := scripttest.StartCommand(name, cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	return p
}

// said are the messages from a number on.
func (m *manager) said(from int) []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.heard[from:])
}

// await waits for a message that begins with a text and returns it, and the number of the next one.
func (m *manager) await(t *testing.T, p *scripttest.Process, from int, prefix string) (message string, next int) {
	t.Helper()
	err := p.Await("a message "+prefix, func() bool {
		for i, one := range m.said(from) {
			if strings.HasPrefix(one, prefix) {
				message, next = one, from+i+1
				return true
			}
		}
		return false
	})
	if err != nil {
		t.Fatalf("%v\nheard: %q", err, m.said(from))
	}
	return message, next
}

// over is a client of a unix socket.
func over(path string) *http.Client {
	return &http.Client{Timeout: scripttest.StartBound, Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}}}
}

func status(t *testing.T, client *http.Client, url string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, res.Body)
	res.Body.Close()
	return res.StatusCode
}

// TestAServiceOfSystemd is the life of a service, with its sockets held by somebody else: a start, a reload, a
// restart behind the same sockets while clients go on connecting, and an end.
func TestAServiceOfSystemd(t *testing.T) {
	m := newManager(t)
	tcp, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tcp.Close() }()
	path := filepath.Join(m.dir, "admin")
	unix, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Close() }()
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	gateway, err := tcp.File()
	if err != nil {
		t.Fatal(err)
	}
	defer gateway.Close()
	admin, err := unix.File()
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	sockets := map[string]*os.File{"gateway": gateway, "kratos_admin": admin}
	config := filepath.Join(m.dir, "stack.yaml")
	write := func(level string) {
		text := fmt.Sprintf("profile: development\nlogging: { level: %s }\nshutdown: { prestop: 0s, drain: 1m }\n"+
			"listen: { gateway: %q, kratos_admin: %q }\n", level, tcp.Addr(), "unix:"+path)
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("info")
	environ := []string{"IDENTITYD_LISTEN_KRATOS_ADMIN=unix:" + path, "WATCHDOG_USEC=2000000"}
	first := m.start(t, "first", sockets, environ, "serve", "--config", config)

	ready, next := m.await(t, first, 0, "READY=1")
	before := m.said(0)[:next-1]
	if !slices.ContainsFunc(before, func(one string) bool { return strings.HasPrefix(one, "STATUS=starting") }) {
		t.Errorf("got %q before it was ready, want what it was at", before)
	}
	url := "http://" + strings.Replace(tcp.Addr().String(), "127.0.0.1", "localhost", 1)
	if want := "READY=1\nSTATUS=serving " + url; ready != want {
		t.Errorf("got %q, want %q", ready, want)
	}
	each := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	if got := status(t, each, url+"/"); got != http.StatusOK {
		t.Errorf("the page behind the first socket: got %d", got)
	}
	if got := status(t, over(path), "http://localhost/admin/identities"); got != http.StatusOK {
		t.Errorf("the admin API behind the second socket: got %d", got)
	}
	_, next = m.await(t, first, next, "WATCHDOG=1")

	write("debug")
	if err := first.Cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	reloading, next := m.await(t, first, next, "RELOADING=1\nMONOTONIC_USEC=")
	_, next = m.await(t, first, next, "READY=1")
	if !first.Logs("configuration reloaded") {
		t.Errorf("after %q and READY=1 the new configuration is not in force:\n%s", reloading, first.Said())
	}

	clients := newConnecting(tcp.Addr().String())
	if err := first.Cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_, next = m.await(t, first, next, "STOPPING=1")
	m.await(t, first, next, "EXTEND_TIMEOUT_USEC=90000000") // the drain and what comes after it
	if code, err := first.Wait(scripttest.StartBound); err != nil || code != 0 {
		t.Fatalf("got %d, %v, want a clean end\n%s", code, err, first.Said())
	}
	// Nobody accepts now.
	waiting := make(chan int, 5)
	for range cap(waiting) {
		clients.began.Add(1)
		go func() { waiting <- clients.ask() }()
	}
	clients.began.Wait()
	second := m.start(t, "second", sockets, environ, "serve", "--config", config)
	m.await(t, second, next, "READY=1")
	for range cap(waiting) {
		if got := <-waiting; got != http.StatusOK {
			t.Errorf("who connected between two processes got %d, want an answer of the second", got)
		}
	}
	asked, refused := clients.end()
	if refused > 0 || asked == 0 {
		t.Errorf("got %d of %d connections refused, want none", refused, asked)
	}
	if info, err := os.Lstat(path); err != nil || info.Mode()&os.ModeSocket == 0 {
		t.Errorf("a process took away the socket that is not its own: %v", err)
	}
	tried.Report(t, "Restarting behind sockets that systemd holds, while clients go on connecting", "%d connections, %d refused, %d waited from one process to the next",
		asked, refused, cap(waiting))
}

// connecting are clients that open a connection for each request.
type connecting struct {
	address        string
	began          sync.WaitGroup // of those that ask once
	stop           chan struct{}
	all            sync.WaitGroup
	mu             sync.Mutex
	asked, refused int
}

func newConnecting(address string) *connecting {
	c := &connecting{address: address, stop: make(chan struct{})}
	for range 4 {
		c.all.Go(func() {
			for {
				select {
				case <-c.stop:
					return
				default:
					c.request(func() {})
				}
			}
		})
	}
	return c
}

// ask returns the status, and is begun once it is connected.
func (c *connecting) ask() int { return c.request(c.began.Done) }

func (c *connecting) request(connected func()) int {
	conn, err := net.DialTimeout("tcp", c.address, scripttest.StartBound)
	connected()
	c.mu.Lock()
	c.asked++
	if err != nil {
		c.refused++
	}
	c.mu.Unlock()
	if err != nil {
		return 0
	}
	defer conn.Close()
	client := &http.Client{Timeout: scripttest.StartBound, Transport: &http.Transport{
		DisableKeepAlives: true, DialContext: func(context.Context, string, string) (net.Conn, error) { return conn, nil },
	}}
	res, err := client.Get("http://localhost/health/alive")
	if err != nil {
		return 0
	}
	res.Body.Close()
	return res.StatusCode
}

func (c *connecting) end() (asked, refused int) {
	close(c.stop)
	c.all.Wait()
	return c.asked, c.refused
}

func TestSystemdIsToldWhatTheStartWaitsFor(t *testing.T) {
	m := newManager(t)
	// Nobody listens on port 1; one that was free a moment ago may be somebody else's.
	p := m.start(t, "waits", nil, nil, "serve", "--set", "database.url=postgres://nobody@127.0.0.1:1/nothing?sslmode=disable",
		"--set", "secrets.system=Zt7LrJkP2sVwXyB4nM9cDfGhA1uE6Taa", "--set", "secrets.cookie=Zt7LrJkP2sVwXyB4nM9cDfGhA1uE6Tbb", "--set", "secrets.cipher=Zt7LrJkP2sVwXyB4nM9cDfGhA1uE6Tcc")
	m.await(t, p, 0, "EXTEND_TIMEOUT_USEC=60000000")
	m.await(t, p, 0, "STATUS=starting: the database")
	if err := p.Cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code, err := p.Wait(scripttest.StopBound); err != nil || code != 0 {
		t.Errorf("got %d, %v, want a clean end", code, err)
	}
	all := m.said(0)
	if slices.ContainsFunc(all, func(one string) bool { return strings.HasPrefix(one, "READY") }) || !slices.ContainsFunc(all, func(one string) bool { return strings.HasPrefix(one, "STOPPING=1") }) {
		t.Errorf("got %q, want its end and never that it is ready", all)
	}
}

// TestSocketsOfSystemdItself starts the program by systemd's own tool, at the first connection.
func TestSocketsOfSystemdItself(t *testing.T) {
	activate := systemdTool(t, "systemd-socket-activate")
	path, err := exec.LookPath("identityd")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	socket := filepath.Join(dir, "admin")
	cmd := exec.CommandContext(context.Background(), "/bin/sh", "-c", `exec "$0" --listen="$1" --fdname=kratos_admin "$2" serve`, activate, socket, path)
	cmd.Dir, cmd.Env = dir, append(scripttest.AnyPort(), "IDENTITYD_LISTEN_KRATOS_ADMIN=unix:"+socket, "PATH="+os.Getenv("PATH"), "GORACE="+os.Getenv("GORACE"))
	for _, pair := range cmd.Env { // it passes on what it is told to
		cmd.Args[2] = strings.Replace(cmd.Args[2], "--fdname", "--setenv='"+pair+"' --fdname", 1)
	}
	p, err := scripttest.StartCommand("activated", cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	if err := p.Await("the socket of systemd-socket-activate", func() bool { return strings.Contains(p.Said(), "Listening on") }); err != nil {
		t.Fatal(err)
	}
	// It makes them for all to connect to, unlike SocketMode=0600.
	if err := os.Chmod(socket, 0o600); err != nil {
		t.Fatal(err)
	}
	client := over(socket)
	if got := status(t, client, "http://localhost/health/alive"); got != http.StatusOK {
		t.Errorf("who came before there was a process: got %d", got)
	}
	if err := p.Await("ready", func() bool { return p.Logs("ready") }); err != nil {
		t.Fatal(err)
	}
	if got := status(t, client, "http://localhost/admin/identities"); got != http.StatusOK {
		t.Errorf("got %d", got)
	}
	if err := p.Cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code, err := p.Wait(scripttest.StartBound); err != nil || code != 0 {
		t.Errorf("got %d, %v, want a clean end\n%s", code, err, p.Said())
	}
}

// systemdTool is a program of systemd's.
func systemdTool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if slices.Contains(strings.Split(os.Getenv("IDENTITYD_TEST_REQUIRE"), ","), "systemd") {
		t.Fatalf("%v; it is in Debian's package systemd", err)
	}
	t.Skipf("SKIP: %v; it is in Debian's package systemd", err)
	return ""
}
