package main

import (
	"bufio"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/identityd/internal/tried"
)

// nobodyID is the user of the Dockerfile.
const nobodyID = 65532

// TestAnImageWithNothingButTheProgram runs what the Dockerfile copies where nothing else is: as its user, in a
// root that this user cannot write to, with /data and /tmp.
func TestAnImageWithNothingButTheProgram(t *testing.T) {
	if os.Getenv("IDENTITYD_TEST_LONG") == "" {
		t.Skip("SKIP: linking a static program takes 20 seconds; IDENTITYD_TEST_LONG=1 does it")
	}
	if os.Getuid() != 0 {
		t.Skip("SKIP: only root can change the root of a process")
	}
	root := imageRoot(t)
	config := "profile: development\ndata_dir: /data\nlisten: { ui: localhost:0, hydra_public: localhost:0, kratos_public: localhost:0, " +
		"hydra_admin: 127.0.0.1:0, kratos_admin: 127.0.0.1:0, ops: 127.0.0.1:0 }\n"
	if err := os.WriteFile(filepath.Join(root, "data", "stack.yaml"), []byte(config), 0o644); err != nil { //nolint:gosec // as a mount is
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "/identityd", "serve", "--config", "/data/stack.yaml")
	cmd.Dir, cmd.Env = "/data", []string{}
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: nobodyID, Gid: nobodyID}}
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ready, lines := make(chan string, 1), bufio.NewScanner(log)
	go func() {
		var last string
		for lines.Scan() {
			last = lines.Text()
			if strings.Contains(last, "msg=ready") || strings.Contains(last, `"msg":"ready"`) {
				ready <- ""
			}
		}
		ready <- last
	}()
	select {
	case last := <-ready:
		if last != "" {
			t.Fatalf("it ended: %s", last)
		}
	case <-time.After(2 * time.Minute):
		t.Fatal("it is not ready")
	}
	status := procStatus(t, cmd.Process.Pid)
	if status["CapEff"] != "0000000000000000" || !strings.HasPrefix(status["Uid"], strconv.Itoa(nobodyID)) {
		t.Errorf("got capabilities %s as %s, want none as %d", status["CapEff"], status["Uid"], nobodyID)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
	written := open(t, root)
	tried.Report(t, "Running the image's program with no system around it, as its user, in a root that it cannot write to",
		"ready, no capability, exit 0; it wrote %d files, all below /data, none of them for others to read", written)
}

// imageRoot makes the folders of the Dockerfile's last stage, with nothing in it but the program.
func imageRoot(t *testing.T) string {
	t.Helper()
	root, err := os.MkdirTemp("", "image-*") //nolint:usetesting // its parents are for all to enter
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(root) })
	build := exec.CommandContext(t.Context(), "go", "build", "-tags", "sqlite", "-o", filepath.Join(root, "identityd"), ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	for folder, mode := range map[string]fs.FileMode{"data": 0o700, "tmp": 0o777 | fs.ModeSticky} {
		at := filepath.Join(root, folder)
		if err := os.Mkdir(at, mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(at, mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chown(filepath.Join(root, "data"), nobodyID, nobodyID); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(root, 0o555); err != nil { //nolint:gosec // as an image's root
		t.Fatal(err)
	}
	return root
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

// open fails for what others can read of what the program wrote, and returns how much that was.
func open(t *testing.T, root string) int {
	t.Helper()
	written := 0
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "identityd" || d.Name() == "stack.yaml" {
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
