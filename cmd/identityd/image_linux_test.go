package main

import (
	"bufio"
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/identityd/internal/scripttest"
	"example.com/identityd/internal/tried"
)

// elsewhere is an address of the container's that is not its loopback: what a published port leads to.
const elsewhere = "198.51.100.7"

// container is a network and mounts of its own, with the image as a root that cannot be written to. There is
// nothing else in it: no /etc, no /proc, no /dev.
type container struct {
	root, user string
	settings   imageSettings
	holder     *exec.Cmd
}

func newContainer(t *testing.T) *container {
	t.Helper()
	c := &container{}
	c.root, c.settings = unpackImage(t)
	c.user, _, _ = strings.Cut(c.settings.Config.User, ":")
	c.holder = exec.CommandContext(t.Context(), "unshare", "--mount", "--net", "sh", "-ec", `
		ip link set lo up
		ip address add `+elsewhere+`/32 dev lo
		mount --bind "$1" "$1"
		mount -t tmpfs -o mode=0700,uid="$2",gid="$2" data "$1/data"
		mount -t tmpfs -o mode=1777 tmp "$1/tmp"
		mount -o remount,ro,bind "$1"
		echo made
		read -r end`, "sh", c.root, c.user)
	in, err := c.holder.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	c.holder.Stderr = &stderr
	if err := c.holder.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); _ = c.holder.Wait() })
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "made\n" {
		_ = c.holder.Wait()
		t.Skipf("SKIP: this machine lets nobody make namespaces: %v %s", err, stderr.String())
	}
	return c
}

// command runs something in the container as the image says, with more environment.
func (c *container) command(t *testing.T, environ []string, args ...string) *exec.Cmd {
	t.Helper()
	inside := "/proc/" + strconv.Itoa(c.holder.Process.Pid) + "/root" + c.root
	cmd := exec.CommandContext(t.Context(), "nsenter", append([]string{
		"--target", strconv.Itoa(c.holder.Process.Pid), "--mount", "--net", "--root=" + inside,
		"--wd=" + inside + c.settings.Config.WorkingDir, "--setuid", c.user, "--setgid", c.user, "--",
	}, args...)...)
	cmd.Env = append(slices.Clone(c.settings.Config.Env), environ...)
	return cmd
}

// TestAnImageWithNothingButTheProgram runs the very image of make release without an engine: as its user, in a root
// that is read-only, with /data and /tmp as mounts and nothing else.
func TestAnImageWithNothingButTheProgram(t *testing.T) {
	c := newContainer(t)
	settings := c.settings.Config
	if settings.User != "65532:65532" || settings.StopSignal != "SIGTERM" {
		t.Errorf("got user %s and signal %s, want 65532:65532 and SIGTERM", settings.User, settings.StopSignal)
	}
	cmd := c.command(t, []string{"TZ=Asia/Kathmandu"}, slices.Concat(settings.Entrypoint, settings.Cmd, []string{"--set", "logging.format=json"})...)
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	began, last := "", ""
	ready, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		for lines := bufio.NewScanner(log); lines.Scan(); {
			last = lines.Text()
			if began == "" {
				began = last
			}
			if strings.Contains(last, `"msg":"ready"`) {
				close(ready)
			}
		}
	}()
	select {
	case <-ready:
	case <-over:
		t.Fatalf("it ended: %s", last)
	case <-time.After(scripttest.StartBound):
		t.Fatal("it is not ready")
	}
	if !strings.Contains(began, "+05:45") {
		t.Errorf("got %s, want the time of Kathmandu, which no system here knows", began)
	}
	status := procStatus(t, cmd.Process.Pid)
	if status["CapEff"] != "0000000000000000" || !strings.HasPrefix(status["Uid"], c.user) {
		t.Errorf("got capabilities %s as %s, want none as %s", status["CapEff"], status["Uid"], c.user)
	}
	ask := func(args ...string) (string, error) {
		out, err := c.command(t, nil, append(slices.Clone(settings.Healthcheck.Test[1:]), args...)...).CombinedOutput()
		return string(out), err
	}
	if out, err := ask(); err != nil || out != "ready\n" {
		t.Errorf("the health check of the image says %q, %v", out, err)
	}
	published := 0
	for port := range settings.ExposedPorts {
		number, _, _ := strings.Cut(port, "/")
		path := map[string]string{"3000": "/", "4444": "/.well-known/openid-configuration", "4433": "/health/alive"}[number]
		if out, err := ask("--url", "http://"+elsewhere+":"+number+path); err != nil {
			t.Errorf("port %s is exposed and does not answer from outside: %s", number, out)
		}
		published++
	}
	for _, number := range []string{"4445", "4434", "4437"} {
		if out, err := ask("--url", "http://127.0.0.1:"+number+"/health/alive"); err != nil {
			t.Errorf("port %s does not answer inside: %s", number, out)
		}
		if out, err := ask("--url", "http://"+elsewhere+":"+number+"/health/alive"); err == nil || !strings.Contains(out, "connection refused") {
			t.Errorf("port %s answers from outside: %s", number, out)
		}
	}
	written := open(t, filepath.Join("/proc", strconv.Itoa(cmd.Process.Pid), "root"))
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-over
	if err := cmd.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
	tried.Report(t, "Running the image of a release with no system around it, as its user, in a root that is read-only",
		"ready, no capability, exit 0; it wrote %d files, all below /data, none of them for others to read; %d ports answer from outside, those of the admin APIs and ops do not", written, published)
}

// TestTheImageTrustsWhomItIsTold asks a server whose authority nobody knows, without and with SSL_CERT_FILE, where no
// other authorities are.
func TestTheImageTrustsWhomItIsTold(t *testing.T) {
	root, settings := unpackImage(t)
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") }))
	t.Cleanup(server.Close)
	server.Config.ErrorLog = nil
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(filepath.Join(root, "authority.pem"), authority, 0o644); err != nil { //nolint:gosec // as a mount is
		t.Fatal(err)
	}
	ask := func(environ ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), "/identityd", "health", "--url", server.URL)
		cmd.Dir, cmd.Env = settings.Config.WorkingDir, append(slices.Clone(settings.Config.Env), environ...)
		cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: 65532, Gid: 65532}}
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := ask(); err == nil || !strings.Contains(out, x509.UnknownAuthorityError{}.Error()) {
		t.Errorf("got %q, want that the authority is unknown", out)
	}
	if out, err := ask("SSL_CERT_FILE=/authority.pem"); err != nil {
		t.Errorf("with the authority in SSL_CERT_FILE: %q", out)
	}
}

func procStatus(t *testing.T, pid int) map[string]string {
	t.Helper()
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for line := range strings.SplitSeq(string(raw), "\n") {
		name, value, _ := strings.Cut(line, ":")
		out[name] = strings.TrimSpace(value)
	}
	return out
}

// open fails for what others can read of what the program wrote, and returns how much that was. What is in the
// image is there before.
func open(t *testing.T, root string) int {
	t.Helper()
	written := 0
	err := filepath.WalkDir(root+"/", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "identityd" {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		written++
		if info.Mode().Perm()&0o077 != 0 || !strings.HasPrefix(name, filepath.Join(root, "data")) {
			t.Errorf("%s is %v", strings.TrimPrefix(name, root), info.Mode())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if written == 0 {
		t.Error("it wrote nothing, which cannot be")
	}
	return written
}
