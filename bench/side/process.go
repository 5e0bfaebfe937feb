package side

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// patience is how long a start, a migration or a stop may take on a busy machine.
const patience = 90 * time.Second

// process is one program that the bench started.
type process struct {
	name string
	cmd  *exec.Cmd
	log  string
	done chan struct{}
	err  error // set before done is closed
}

// startProcess starts a program whose output goes to a file of its name in dir.
func startProcess(dir, name string, env []string, program string, args ...string) (*process, error) {
	p := &process{name: name, log: filepath.Join(dir, name+".log"), done: make(chan struct{})}
	out, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the log of %s: %w", name, err)
	}
	defer out.Close()
	p.cmd = exec.CommandContext(context.Background(), program, args...)
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = dir, out, out
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "TZ=UTC", "HOME=" + dir, "TMPDIR=" + dir}, env...)
	// A bench that is killed leaves nothing running behind.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// finish waits for a program that ends by itself.
func (p *process) finish(ctx context.Context) error {
	select {
	case <-p.done:
	case <-ctx.Done():
		return errors.Join(fmt.Errorf("waiting for %s: %w", p.name, ctx.Err()), p.stop())
	}
	if p.err != nil {
		return fmt.Errorf("running %s: %w\n%s", p.name, p.err, p.tail())
	}
	return nil
}

// cpu is what it took of the processors so far, in units of 10 ms while it runs.
func (p *process) cpu() (time.Duration, error) {
	select {
	case <-p.done:
		return p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime(), nil
	default:
	}
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("reading the times of %s: %w", p.name, err)
	}
	// utime and stime of proc(5), counted from behind the name.
	f := strings.Fields(string(raw[strings.LastIndexByte(string(raw), ')')+1:]))
	if len(f) < 13 {
		return 0, fmt.Errorf("reading the times of %s: too few fields", p.name)
	}
	user, userErr := strconv.Atoi(f[11])
	system, systemErr := strconv.Atoi(f[12])
	if err := errors.Join(userErr, systemErr); err != nil {
		return 0, fmt.Errorf("reading the times of %s: %w", p.name, err)
	}
	return time.Duration(user+system) * 10 * time.Millisecond, nil
}

func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		if errors.Is(err, os.ErrProcessDone) {
			return nil
		}
		return fmt.Errorf("stopping %s: %w", p.name, err)
	}
	select {
	case <-p.done:
		return nil
	case <-time.After(30 * time.Second):
		return errors.Join(fmt.Errorf("%s does not stop", p.name), p.cmd.Process.Kill())
	}
}

// tail is the end of what it wrote, for an error.
func (p *process) tail() string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return "(no log)"
	}
	lines := strings.SplitAfter(string(text), "\n")
	return strings.Join(lines[max(0, len(lines)-30):], "")
}
