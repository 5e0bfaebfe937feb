//go:build unix

package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"strings"
	"syscall"
)

// owner is the user that PostgreSQL runs as, nil for the one who runs the tests.
type owner struct{ credential *syscall.Credential }

// findOwner picks an unprivileged user when the tests run as root, which PostgreSQL refuses.
func findOwner() (owner, error) {
	if os.Geteuid() != 0 {
		return owner{}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(u.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(uidErr, gidErr); err != nil {
			return owner{}, fmt.Errorf("reading the ids of user %s: %w", name, err)
		}
		return owner{&syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
	}
	return owner{}, &missingError{reason: "it refuses to run as root, and there is neither a user postgres nor nobody"}
}

func (o owner) take(path string) error {
	if o.credential == nil {
		return nil
	}
	return os.Chown(path, int(o.credential.Uid), int(o.credential.Gid))
}

// command starts no process group of its own: an interrupt from the keyboard ends the server too.
func (o owner) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: o.credential}
	// No PG* variable of the developer's shell, and messages in English: one of them is read.
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	return cmd
}

// background returns a command that an interrupt from the keyboard does not reach.
func background(name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(context.Background(), name, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

func signalOf(mode Mode) os.Signal {
	switch mode {
	case Smart:
		return syscall.SIGTERM
	case Immediate:
		return syscall.SIGQUIT
	default:
		return syscall.SIGINT
	}
}

// freeze begins with the parent, so that it cannot make a child that is missed.
func (p *process) freeze() error {
	p.frozen = true
	return p.signalAll(syscall.SIGSTOP)
}

func (p *process) thaw() error {
	p.frozen = false
	return p.signalAll(syscall.SIGCONT)
}

// kill ends every process of the server without a word, as a machine that loses its power does. The
// parent is stopped first: it would start again what its children were.
func (p *process) kill() error {
	if err := p.signalAll(syscall.SIGSTOP); err != nil {
		return err
	}
	if err := p.signalChildren(syscall.SIGKILL); err != nil {
		return err
	}
	return p.cmd.Process.Kill()
}

// signalAll asks ps for the children: each of them is the leader of a session of its own, so that no
// process group holds them all.
func (p *process) signalAll(sig syscall.Signal) error {
	parent := p.cmd.Process.Pid
	if err := syscall.Kill(parent, sig); err != nil {
		return fmt.Errorf("signaling postgres: %w", err)
	}
	return p.signalChildren(sig)
}

func (p *process) signalChildren(sig syscall.Signal) error {
	parent := p.cmd.Process.Pid
	out, err := exec.CommandContext(context.Background(), "ps", "-A", "-o", "pid=,ppid=").Output()
	if err != nil {
		return fmt.Errorf("listing processes: %w", err)
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if len(fields) != 2 || fields[1] != strconv.Itoa(parent) {
			continue
		}
		pid, err := strconv.Atoi(fields[0])
		if err != nil {
			return fmt.Errorf("reading the list of processes: %w", err)
		}
		if err := syscall.Kill(pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("signaling a process of postgres: %w", err)
		}
	}
	return nil
}
