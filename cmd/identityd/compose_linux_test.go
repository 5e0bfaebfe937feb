package main

import (
	"bufio"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/scripttest"
	"example.com/identityd/internal/tried"
)

// TestComposeRunsOnPostgreSQL starts the service of compose.postgres.yaml as that says, in the image of a release without an
// engine: its command, user, read-only root and mounts, and a real PostgreSQL at postgres:5432.
func TestComposeRunsOnPostgreSQL(t *testing.T) {
	c := newContainer(t)
	server := pgtest.Start(t)
	service := readCompose(t, "compose.postgres.yaml").Services["identityd"]
	at, err := url.Parse(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	password, _ := at.User.Password()
	stack, err := os.ReadFile(filepath.Join(composeFolder, "stack.postgres.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	// What an engine gives a container: names of the others, and mounts.
	for path, content := range map[string]string{"etc/hosts": elsewhere + " postgres\n", "etc/identityd/stack.yaml": string(stack), "run/password/identityd": password + "\n"} {
		path = filepath.Join(c.root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // as an engine makes them
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil { //nolint:gosec // see below
			t.Fatal(err)
		}
	}
	secret := filepath.Join(c.root, "run/password/identityd")
	user, err := strconv.Atoi(c.user)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(secret, user, user); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(secret, 0o600); err != nil {
		t.Fatal(err)
	}
	c.connect(t, elsewhere+":5432", at.Host)

	if service.User != c.settings.Config.User {
		t.Errorf("got user %s, the image has %s", service.User, c.settings.Config.User)
	}
	cmd := c.command(t, nil, slices.Concat(c.settings.Config.Entrypoint, service.Command, []string{"--set", "logging.format=json"})...)
	cmd.Dir = t.TempDir()
	p, err := scripttest.StartCommand("compose", cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	if err := p.Await("ready", func() bool { return p.Logs("ready") }); err != nil {
		t.Fatal(err)
	}
	ask := func(args ...string) string {
		out, err := c.command(t, nil, append(slices.Clone(service.Healthcheck.Test[1:]), args...)...).CombinedOutput()
		if err != nil {
			return string(out) + err.Error()
		}
		return string(out)
	}
	if got := ask(); got != "ready\n" {
		t.Errorf("the health check of the file says %q", got)
	}
	for _, published := range service.Ports {
		port := published[strings.LastIndex(published, ":")+1:]
		if got := ask("--url", "http://"+elsewhere+":"+port+"/health/ready"); got != "ready\n" {
			t.Errorf("port %s is published and does not answer from outside: %s", port, got)
		}
	}
	for database, table := range map[string]string{"hydra": "hydra_client", "kratos": "identities"} {
		db, err := pgx.Connect(t.Context(), server.DatabaseURL(database))
		if err != nil {
			t.Fatal(err)
		}
		var n int
		if err := db.QueryRow(t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
			t.Errorf("the database %s was not made: %v", database, err)
		}
		_ = db.Close(t.Context()) // it was read
	}
	if err := p.Cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code, err := p.Wait(scripttest.StartBound); err != nil || code != 0 {
		t.Errorf("got %d, %v, want a clean end", code, err)
	}
	tried.Report(t, "The service of compose.postgres.yaml as it says, in the image of a release, on a real PostgreSQL", "ready, %d ports answer, exit 0", len(service.Ports))
}

// TestComposeRunsOnCockroachDB says what nobody has seen.
func TestComposeRunsOnCockroachDB(t *testing.T) {
	t.Skip("SKIP: no CockroachDB can be had here, and what stands in for one is inside of a test's process; compose.yaml is held against its schema, and its stack.yaml is loaded")
}

// connect lets what is in the container reach an address of this machine under one of its own.
func (c *container) connect(t *testing.T, inside, outside string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	ln, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go pipe(ln, "tcp", outside)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "nsenter", "--target", strconv.Itoa(c.holder.Process.Pid), "--net", exe)
	cmd.Env = []string{forwardVariable + "=" + inside + " " + path}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	began := make(chan string, 1)
	go func() { line, _ := bufio.NewReader(out).ReadString('\n'); began <- line }()
	select {
	case line := <-began:
		if line != "listening\n" {
			t.Fatalf("the way to the database: got %q", line)
		}
	case <-time.After(scripttest.StopBound):
		t.Fatal("the way to the database is not there")
	}
}
