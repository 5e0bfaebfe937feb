package scripttest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Bounds, not expectations: the race detector makes RSA keys slow, and other tests run beside.
const (
	// StartBound is for a process to come up.
	StartBound = 2 * time.Minute
	// StopBound is for everything else.
	StopBound = 30 * time.Second
	pollPause = 20 * time.Millisecond
)

// Process is a running identityd whose output goes to two files.
type Process struct {
	Cmd            *exec.Cmd
	Stdout, Stderr string
	// Exited is closed when the process is gone; its state is in Cmd then.
	Exited chan struct{}
}

// AnyPort is the environment that puts every listener on a port of its own.
func AnyPort() []string {
	var environ []string
	for _, name := range []string{"UI", "HYDRA_PUBLIC", "KRATOS_PUBLIC", "HYDRA_ADMIN", "KRATOS_ADMIN", "OPS"} {
		environ = append(environ, "IDENTITYD_LISTEN_"+name+"=localhost:0")
	}
	return environ
}

// Start runs identityd in a folder, with exactly the given environment, and returns at once.
func Start(dir, name string, environ, args []string) (*Process, error) {
	path, err := exec.LookPath("identityd")
	if err != nil {
		return nil, fmt.Errorf("looking for the binary that TestMain put into the PATH: %w", err)
	}
	cmd := exec.CommandContext(context.Background(), path, args...) // its end is Kill's
	cmd.Dir, cmd.Env = dir, environ
	return StartCommand(name, cmd)
}

// StartCommand is Start for a command that comes to identityd in another way; what it writes goes into its folder.
func StartCommand(name string, cmd *exec.Cmd) (*Process, error) {
	p := &Process{
		Cmd:    cmd,
		Stdout: filepath.Join(cmd.Dir, name+".out"),
		Stderr: filepath.Join(cmd.Dir, name+".err"),
		Exited: make(chan struct{}),
	}
	// Files, which need no goroutine that copies: what the process wrote is there when it is gone.
	stdout, err := os.Create(p.Stdout)
	if err != nil {
		return nil, err
	}
	defer stdout.Close()
	stderr, err := os.Create(p.Stderr)
	if err != nil {
		return nil, err
	}
	defer stderr.Close()
	p.Cmd.Stdout, p.Cmd.Stderr = stdout, stderr
	if err := p.Cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting identityd: %w", err)
	}
	go func() {
		defer close(p.Exited)
		_ = p.Cmd.Wait() // the exit code is what is looked at
	}()
	return p, nil
}

// Await polls until done says so, and says why it did not.
func (p *Process) Await(what string, done func() bool) error {
	tick := time.NewTicker(pollPause)
	defer tick.Stop()
	bound := time.NewTimer(StartBound)
	defer bound.Stop()
	for {
		if done() {
			return nil
		}
		select {
		case <-tick.C:
		case <-p.Exited:
			if done() {
				return nil
			}
			return fmt.Errorf("identityd ended with code %d before %s:\n%s", p.Code(), what, p.Said())
		case <-bound.C:
			return fmt.Errorf("no %s within %s:\n%s", what, StartBound, p.Said())
		}
	}
}

// Wait returns the exit code, or an error when the process is still there after the bound.
func (p *Process) Wait(bound time.Duration) (int, error) {
	timer := time.NewTimer(bound)
	defer timer.Stop()
	select {
	case <-p.Exited:
		return p.Code(), nil
	case <-timer.C:
		return 0, fmt.Errorf("identityd still runs after %s:\n%s", bound, p.Said())
	}
}

// Code is valid once exited is closed; -1 means that a signal ended the process.
func (p *Process) Code() int { return p.Cmd.ProcessState.ExitCode() }

// Kill ends what a test left running.
func (p *Process) Kill() {
	_ = p.Cmd.Process.Kill() // it may be gone already
	<-p.Exited
}

// Said is the end of what the process wrote.
func (p *Process) Said() string {
	var b strings.Builder
	for _, path := range []string{p.Stdout, p.Stderr} {
		text, err := os.ReadFile(path)
		if err != nil {
			text = []byte(err.Error())
		}
		const most = 6000
		if len(text) > most {
			text = append([]byte("...\n"), text[len(text)-most:]...)
		}
		fmt.Fprintf(&b, "-- %s --\n%s", filepath.Base(path), text)
	}
	return b.String()
}

// LogLine is a line of the log as far as the tests look at it.
type LogLine struct {
	Message   string   `json:"msg"`
	Listener  string   `json:"listener"`
	Addresses []string `json:"addresses"`
	RequestID string   `json:"request_id"`
	UI        string   `json:"ui"`
}

// Log returns the lines so far. What is no JSON, a line half written or meant for people, is left out.
func (p *Process) Log() []LogLine {
	text, err := os.ReadFile(p.Stderr)
	if err != nil {
		return nil
	}
	var lines []LogLine
	for raw := range bytes.Lines(text) {
		var l LogLine
		if json.Unmarshal(raw, &l) == nil {
			lines = append(lines, l)
		}
	}
	return lines
}

// Logs reports whether a line with that message is in the log.
func (p *Process) Logs(message string) bool {
	for _, l := range p.Log() {
		if l.Message == message {
			return true
		}
	}
	return false
}

// Addresses returns the addresses of each listener, by its word in the configuration.
func (p *Process) Addresses() map[string][]string {
	out := map[string][]string{}
	for _, l := range p.Log() {
		if l.Message == "listening" {
			out[l.Listener] = l.Addresses
		}
	}
	return out
}
