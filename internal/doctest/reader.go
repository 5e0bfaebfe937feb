//go:build unix

package doctest

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Reader does what a page says, as somebody who copies its blocks into terminals: one terminal for all commands that end, which stays
// in the folder where it is, and a new one for each that goes on.
type Reader struct {
	// Dir is where the first terminal is.
	Dir string
	// Env is the whole environment; HOME is where new terminals begin.
	Env []string
	// Bound is how long one block may take.
	Bound time.Duration

	terminals int
}

// Do runs a block unedited and returns what it printed: all of it, or what came until the program said what the page waits for.
func (r *Reader) Do(t *testing.T, b Block) string {
	t.Helper()
	if b.Until != "" {
		return r.stay(t, b)
	}
	at := filepath.Join(t.TempDir(), "pwd")
	ctx, cancel := context.WithTimeout(t.Context(), r.Bound)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-e", "-c", b.Text+"\npwd > "+at)
	cmd.Dir, cmd.Env = r.Dir, r.Env
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s\n%s", b.At(), err, b.Text, out)
	}
	pwd, err := os.ReadFile(at)
	if err != nil {
		t.Fatal(err)
	}
	r.Dir = strings.TrimSpace(string(pwd))
	return string(out)
}

// stay runs a block in a terminal of its own, until the test ends.
func (r *Reader) stay(t *testing.T, b Block) string {
	t.Helper()
	said := &output{}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "sh", "-e", "-c", b.Text)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = r.home(), r.Env, said, said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = 10 * time.Second
	// What was told to ignore Ctrl-C, as by nohup, would tell its children.
	heard := make(chan os.Signal, 1)
	signal.Notify(heard, os.Interrupt)
	err := cmd.Start()
	signal.Stop(heard)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // it is ended, or what it said tells why it ended
	}()
	r.terminals++
	number := r.terminals
	t.Cleanup(func() {
		// As Ctrl-C does: all that runs in the terminal.
		err := syscall.Kill(-cmd.Process.Pid, syscall.SIGINT)
		if err != nil && !errors.Is(err, syscall.ESRCH) {
			t.Errorf("ending terminal %d: %v", number, err)
		}
		select {
		case <-ended:
		case <-time.After(r.Bound):
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			t.Errorf("terminal %d did not end at Ctrl-C", number)
		}
		if t.Failed() {
			t.Logf("terminal %d, of %s, said:\n%s", number, b.At(), said)
		}
	})
	bound := time.After(r.Bound)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !strings.Contains(said.String(), b.Until) {
		select {
		case <-tick.C:
		case <-ended:
			t.Fatalf("%s ended without saying %q:\n%s", b.At(), b.Until, said)
		case <-bound:
			t.Fatalf("%s did not say %q within %s:\n%s", b.At(), b.Until, r.Bound, said)
		}
	}
	return said.String()
}

func (r *Reader) home() string {
	for _, pair := range r.Env {
		if value, isHome := strings.CutPrefix(pair, "HOME="); isHome {
			return value
		}
	}
	return r.Dir
}

// output is what a program has written so far.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

// String implements fmt.Stringer.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}
