package socket

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
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

// stranger is a user without rights.
const stranger = 65534

const strangerVariable = "IDENTITYD_TEST_SOCKET_STRANGER"

// TestMain lets the test binary be another user's process.
func TestMain(m *testing.M) {
	if path := os.Getenv(strangerVariable); path != "" {
		os.Exit(beStranger(path))
	}
	os.Exit(m.Run())
}

// beStranger connects to path, or with a + before it binds it, and says what happened.
func beStranger(path string) int {
	if path, ok := strings.CutPrefix(path, "+"); ok {
		ln, err := net.Listen("unix", path)
		if err != nil {
			return 1
		}
		_ = os.Chmod(path, 0o777)
		fmt.Fprint(os.Stdout, "bound\n")
		time.AfterFunc(time.Minute, func() { ln.Close() })
		for {
			c, err := ln.Accept()
			if err != nil {
				return 0
			}
			_, _ = io.Copy(os.Stdout, c)
			c.Close()
		}
	}
	c, err := net.Dial("unix", path)
	if errors.Is(err, syscall.EACCES) {
		fmt.Fprint(os.Stdout, "denied")
		return 0
	}
	if err != nil {
		fmt.Fprint(os.Stdout, err.Error())
		return 0
	}
	_ = c.SetDeadline(time.Now().Add(30 * time.Second))
	answer, _ := io.ReadAll(c)
	fmt.Fprint(os.Stdout, "got "+strconv.Quote(string(answer)))
	return 0
}

// asStranger returns this binary as that user's process.
func asStranger(t *testing.T, path string) *exec.Cmd {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("SKIP: only root can be another user")
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(open(t), "test")
	raw, err := os.ReadFile(exe)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(copied, raw, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), copied)
	cmd.Env = []string{strangerVariable + "=" + path}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: stranger, Gid: stranger}}
	return cmd
}

// open is a folder that everybody may use.
func open(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "socket") //nolint:usetesting // what is above a folder of the test is not open to others
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	if err := os.Chmod(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	return folder
}

// serve greets whoever comes in.
func serve(ln net.Listener) {
	for {
		c, err := ln.Accept()
		if err != nil {
			return
		}
		fmt.Fprint(c, "welcome")
		c.Close()
	}
}

func TestAnotherUserIsKeptOut(t *testing.T) {
	refused := make(chan int, 1)
	for name, c := range map[string]struct {
		loosened os.FileMode // what the socket's mode became afterwards; 0: as it was bound
		opts     Options
		want     string
	}{
		"by the mode": {0, Options{Mode: 0o600}, "denied"},
		"by the kernel's word, with the mode undone": {0o777, Options{Mode: 0o600, SameUser: true, Refused: func(uid int) { refused <- uid }}, `got ""`},
		"not at all with both undone":                {0o777, Options{Mode: 0o600}, `got "welcome"`},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(open(t), "s")
			ln := listen(t, path, c.opts)
			go serve(ln)
			if c.loosened != 0 {
				if err := os.Chmod(path, c.loosened); err != nil {
					t.Fatal(err)
				}
			}
			out, err := asStranger(t, path).Output()
			if err != nil || string(out) != c.want {
				t.Fatalf("got %q, %v, want %q", out, err, c.want)
			}
			tried.Report(t, "user 65534 connects to the socket of user 0", "%s", out)
			if c.opts.Refused != nil && <-refused != stranger {
				t.Error("who was refused was not told")
			}
		})
	}
}

// TestASocketThatAnotherUserPutThere: whoever may write to the folder can bind in our place.
func TestASocketThatAnotherUserPutThere(t *testing.T) {
	path := filepath.Join(open(t), "s")
	cmd := asStranger(t, "+"+path)
	var heard bytes.Buffer
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line := make([]byte, len("bound\n"))
	if _, err := io.ReadFull(out, line); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(&heard, out) }()
	_, err = Dial(t.Context(), path)
	if err == nil || !strings.Contains(err.Error(), "belongs to user 65534") {
		t.Fatalf("got %v, want a refusal that names the user", err)
	}
	first := err
	// The owner of a file can be changed by root alone; the process that listens stays who it is.
	if err := os.Chown(path, 0, 0); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	_, err = Dial(t.Context(), path)
	if err == nil || !strings.Contains(err.Error(), "runs as user 65534") {
		t.Errorf("got %v, want a refusal that names the process's user", err)
	}
	tried.Report(t, "a command finds a socket that user 65534 put in the data folder", "%v; then %v", first, err)
}

func TestFolders(t *testing.T) {
	if got := Folder(t.TempDir()); got != "" {
		t.Errorf("got %q, want nothing wrong", got)
	}
	if got := Folder(open(t)); !strings.Contains(got, "chmod go-w") {
		t.Errorf("got %q, want the cure", got)
	}
	if os.Geteuid() != 0 {
		t.Skip("SKIP: only root can give a folder away")
	}
	theirs := t.TempDir()
	if err := os.Chown(theirs, stranger, stranger); err != nil {
		t.Fatal(err)
	}
	if got := Folder(theirs); !strings.Contains(got, "belongs to user 65534") {
		t.Errorf("got %q, want its owner", got)
	}
}
