package main

import (
	"bytes"
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
	startBound = 2 * time.Minute
	stopBound  = 30 * time.Second
	pollPause  = 20 * time.Millisecond
)

// process is a running identityd whose output goes to two files.
type process struct {
	cmd            *exec.Cmd
	stdout, stderr string
	// exited is closed when the process is gone; its state is in cmd then.
	exited chan struct{}
}

// anyPort is the environment that puts every listener on a port of its own.
func anyPort() []string {
	var environ []string
	for _, name := range []string{"UI", "HYDRA_PUBLIC", "KRATOS_PUBLIC", "HYDRA_ADMIN", "KRATOS_ADMIN", "OPS"} {
		environ = append(environ, "IDENTITYD_LISTEN_"+name+"=localhost:0")
	}
	return environ
}

// startProcess runs identityd in a folder, with exactly the given environment, and returns at once.
func startProcess(dir, name string, environ, args []string) (*process, error) {
	path, err := exec.LookPath("identityd")
	if err != nil {
		return nil, fmt.Errorf("looking for the binary that TestMain put into the PATH: %w", err)
	}
	p := &process{
		cmd:    exec.Command(path, args...),
		stdout: filepath.Join(dir, name+".out"),
		stderr: filepath.Join(dir, name+".err"),
		exited: make(chan struct{}),
	}
	p.cmd.Dir, p.cmd.Env = dir, environ
	// Files, which need no goroutine that copies: what the process wrote is there when it is gone.
	stdout, err := os.Create(p.stdout)
	if err != nil {
		return nil, err
	}
	defer stdout.Close()
	stderr, err := os.Create(p.stderr)
	if err != nil {
		return nil, err
	}
	defer stderr.Close()
	p.cmd.Stdout, p.cmd.Stderr = stdout, stderr
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting identityd: %w", err)
	}
	go func() {
		defer close(p.exited)
		_ = p.cmd.Wait() // the exit code is what is looked at
	}()
	return p, nil
}

// await polls until done says so, and says why it did not.
func (p *process) await(what string, done func() bool) error {
	tick := time.NewTicker(pollPause)
	defer tick.Stop()
	bound := time.NewTimer(startBound)
	defer bound.Stop()
	for {
		if done() {
			return nil
		}
		select {
		case <-tick.C:
		case <-p.exited:
			if done() {
				return nil
			}
			return fmt.Errorf("identityd ended with code %d before %s:\n%s", p.code(), what, p.said())
		case <-bound.C:
			return fmt.Errorf("no %s within %s:\n%s", what, startBound, p.said())
		}
	}
}

// wait returns the exit code, or an error when the process is still there after the bound.
func (p *process) wait(bound time.Duration) (int, error) {
	timer := time.NewTimer(bound)
	defer timer.Stop()
	select {
	case <-p.exited:
		return p.code(), nil
	case <-timer.C:
		return 0, fmt.Errorf("identityd still runs after %s:\n%s", bound, p.said())
	}
}

// code is valid once exited is closed; -1 means that a signal ended the process.
func (p *process) code() int { return p.cmd.ProcessState.ExitCode() }

// kill ends what a test left running.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may be gone already
	<-p.exited
}

func (p *process) said() string {
	var b strings.Builder
	for _, path := range []string{p.stdout, p.stderr} {
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

// logLine is a line of the log as far as the tests look at it.
type logLine struct {
	Message   string   `json:"msg"`
	Listener  string   `json:"listener"`
	Addresses []string `json:"addresses"`
	RequestID string   `json:"request_id"`
	UI        string   `json:"ui"`
}

// log returns the lines so far. What is no JSON, a line half written or meant for people, is left out.
func (p *process) log() []logLine {
	text, err := os.ReadFile(p.stderr)
	if err != nil {
		return nil
	}
	var lines []logLine
	for raw := range bytes.Lines(text) {
		var l logLine
		if json.Unmarshal(raw, &l) == nil {
			lines = append(lines, l)
		}
	}
	return lines
}

// logs reports whether a line with that message is in the log.
func (p *process) logs(message string) bool {
	for _, l := range p.log() {
		if l.Message == message {
			return true
		}
	}
	return false
}

// addresses returns the addresses of each listener, by its word in the configuration.
func (p *process) addresses() map[string][]string {
	out := map[string][]string{}
	for _, l := range p.log() {
		if l.Message == "listening" {
			out[l.Listener] = l.Addresses
		}
	}
	return out
}
