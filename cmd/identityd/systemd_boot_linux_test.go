package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/identityd/internal/doctest"
	"example.com/identityd/internal/scripttest"
	"example.com/identityd/internal/tried"
)

// booted is a systemd in namespaces of its own.
type booted struct {
	pid string // of the one that is its process 1
}

// TestTheServiceAsInstalled runs what docs/install.md says in a systemd that was booted for it, and then lives with the service:
// somebody signs in, the configuration breaks, it restarts under load.
func TestTheServiceAsInstalled(t *testing.T) {
	if os.Getenv("IDENTITYD_TEST_LONG") == "" {
		t.Skip("SKIP: linking a static program and booting a systemd takes half a minute; IDENTITYD_TEST_LONG=1 does it")
	}
	if os.Getuid() != 0 {
		t.Skip("SKIP: only root can boot a systemd")
	}
	systemdTool(t, "systemd-analyze")
	b := boot(t, unpacked(t))
	for _, block := range doctest.Of(t, "docs/install.md") {
		out := b.run(t, block.Text)
		if strings.Contains(block.Text, "systemctl status") && !strings.Contains(out, `Status: "serving https://id.example.com"`) {
			t.Errorf("%s: got\n%s\nwant that it serves", block.At(), out)
		}
	}

	const ask = "curl -ks --resolve id.example.com:443:127.0.0.1 "
	t.Run("somebody signs in", func(t *testing.T) {
		b.run(t, `curl -s --fail-with-body -H 'Content-Type: application/json' http://127.0.0.1:4434/admin/identities -d '{"schema_id":"email@1","traits":{"email":"anna@example.com"},
			"verifiable_addresses":[{"value":"anna@example.com","verified":true,"via":"email","status":"completed"}],"credentials":{"password":{"config":{"password":"a long enough pass phrase 7"}}}}'`)
		out := b.run(t, ask+`https://id.example.com/self-service/login/api > /tmp/flow
			action=$(sed 's/.*"action":"\([^"]*\)".*/\1/' /tmp/flow)
			`+ask+`-f -H 'Content-Type: application/json' -d '{"method":"password","identifier":"anna@example.com","password":"a long enough pass phrase 7"}' "$action"`)
		if !strings.Contains(out, `"session_token"`) {
			t.Errorf("got %s", out)
		}
	})
	t.Run("the process can do nothing else", func(t *testing.T) {
		status := b.run(t, "cat /proc/$(systemctl show -P MainPID identityd.service)/status")
		for _, want := range []string{"CapPrm:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"} {
			if !strings.Contains(status, want) {
				t.Errorf("got\n%s\nwant %s", status, want)
			}
		}
		if strings.Contains(status, "Uid:\t0") {
			t.Error("it runs as root")
		}
	})
	t.Run("a broken file fails the reload, with the reason in the journal, and changes nothing", func(t *testing.T) {
		out := b.run(t, `cp -p /etc/identityd/stack.yaml /tmp/good
			echo 'loging: {}' >> /etc/identityd/stack.yaml
			systemctl reload identityd.service 2>&1 && echo RELOADED
			journalctl -u identityd.service --no-pager -o cat -n 20
			cp -p /tmp/good /etc/identityd/stack.yaml
			systemctl reload identityd.service && systemctl is-active identityd.service`)
		if strings.Contains(out, "RELOADED") || !strings.Contains(out, "loging") || !strings.HasSuffix(out, "active\n") {
			t.Errorf("got\n%s", out)
		}
	})
	t.Run("a restart refuses nobody", func(t *testing.T) {
		out := b.run(t, `touch /tmp/go
			for i in 1 2 3; do while [ -e /tmp/go ]; do `+ask+`-o /dev/null -w '%{exitcode}\n' --max-time 100 https://id.example.com/health/alive; done >> /tmp/codes & done
			systemctl restart identityd.service; systemctl restart identityd.service; rm /tmp/go; wait
			sort /tmp/codes | uniq -c`)
		if strings.Contains(out, " 7\n") || !strings.Contains(out, " 0\n") { // 7: could not connect
			t.Errorf("got by curl's exit codes\n%s\nwant no 7", out)
		}
		tried.Report(t, "Two restarts of the service in a booted systemd, while three clients connect without a pause", "curl's exit codes: %s", strings.Join(strings.Fields(out), " "))
	})
	t.Run("a connection starts it again, and a stop is a clean one", func(t *testing.T) {
		out := b.run(t, `systemctl stop identityd.service 2>/dev/null
			systemctl show -P Result -P ExecMainStatus identityd.service
			`+ask+`https://id.example.com/health/alive`)
		if out != "success\n0\n{\"status\":\"ok\"}\n" {
			t.Errorf("got %q", out)
		}
	})
	t.Run("migrations run in the same sandbox", func(t *testing.T) {
		out := b.run(t, `systemctl stop identityd.socket identityd.service; systemctl start identityd-migrate.service; journalctl -u identityd-migrate.service --no-pager -o cat`)
		if !strings.Contains(out, "up to date") {
			t.Errorf("got %s", out)
		}
	})
}

// unpacked is the folder of an archive: the program and deploy/.
func unpacked(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	program := filepath.Join(dir, "identityd")
	if built := os.Getenv("IDENTITYD_TEST_BINARY"); built != "" {
		raw, err := os.ReadFile(built)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(program, raw, 0o755); err != nil { //nolint:gosec // a program
			t.Fatal(err)
		}
	} else {
		build := exec.CommandContext(t.Context(), "go", "build", "-tags", "sqlite", "-ldflags", "-s -w", "-o", program, ".")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("building: %v\n%s", err, out)
		}
	}
	if err := os.CopyFS(filepath.Join(dir, "deploy"), os.DirFS(filepath.Join("..", "..", "deploy"))); err != nil {
		t.Fatal(err)
	}
	return dir
}

func boot(t *testing.T, archive string) *booted {
	t.Helper()
	script, err := filepath.Abs(filepath.Join("testdata", "systemd", "boot.sh"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(context.Background(), script, t.TempDir(), archive)
	cmd.Dir = t.TempDir()
	p, err := scripttest.StartCommand("systemd", cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Kill() // with all that is inside
		forgetGroups(fmt.Sprintf("identityd-test-%d", cmd.Process.Pid))
	})
	b := &booted{}
	err = p.Await("a booted systemd", func() bool {
		raw, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", cmd.Process.Pid, cmd.Process.Pid)) // none yet
		if b.pid = strings.TrimSpace(string(raw)); b.pid == "" {
			return false
		}
		out, _ := b.try("systemctl is-system-running") // fails until it is
		return strings.HasPrefix(out, "running") || strings.HasPrefix(out, "degraded")
	})
	if err != nil {
		t.Skipf("SKIP: no systemd can be booted here: %v", err)
	}
	return b
}

// forgetGroups removes what a killed systemd left of control groups.
func forgetGroups(name string) {
	roots, _ := filepath.Glob("/sys/fs/cgroup/*/" + name) // the pattern is right
	for _, root := range append(roots, "/sys/fs/cgroup/"+name) {
		for until := time.Now().Add(scripttest.StopBound); time.Now().Before(until); {
			var dirs []string
			_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error { // gone is fine
				if err == nil && d.IsDir() {
					dirs = append(dirs, path)
				}
				return nil
			})
			if len(dirs) == 0 {
				break
			}
			for i := len(dirs) - 1; i >= 0; i-- {
				_ = os.Remove(dirs[i]) // busy while its processes end
			}
		}
	}
}

// run runs a script inside, in the folder of the archive, as root.
func (b *booted) run(t *testing.T, script string) string {
	t.Helper()
	out, err := b.try(script)
	if err != nil {
		log, _ := b.try("journalctl -u identityd.service --no-pager -o cat -n 30")
		t.Fatalf("%v\n%s\n%s\n%s", err, script, out, log)
	}
	return out
}

func (b *booted) try(script string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), scripttest.StartBound)
	defer cancel()
	cmd := exec.CommandContext(ctx, "nsenter", "-t", b.pid, "--mount", "--pid", "--cgroup", "--ipc", "--uts", "--net", "--root", "--wd=/",
		"env", "--chdir=/opt/identityd", "bash", "-c", "set -e -o pipefail\n"+script)
	cmd.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
	out, err := cmd.CombinedOutput()
	return string(out), err
}
