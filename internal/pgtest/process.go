package pgtest

import (
	"errors"
	"os"
	"os/exec"
	"sync"
	"time"
)

// process is one life of the server.
type process struct {
	cmd    *exec.Cmd
	done   chan struct{}
	err    error // set before done is closed
	frozen bool
}

func startProcess(cmd *exec.Cmd) (*process, error) {
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, done: make(chan struct{})}
	go p.reap()
	return p, nil
}

func (p *process) reap() {
	p.err = p.cmd.Wait()
	if p.err == nil {
		p.err = errors.New("exit status 0")
	}
	close(p.done)
}

// stop signals the server and waits until it is gone.
func (p *process) stop(mode Mode) error {
	if mode == Kill {
		if err := p.kill(); err != nil {
			return err
		}
	} else if err := p.cmd.Process.Signal(signalOf(mode)); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-p.done:
		return nil
	case <-timer.C:
		return errors.Join(errors.New("it does not stop"), p.cmd.Process.Kill())
	}
}

// watch is a process that outlives a test binary which could not clean up: the time limit of go test
// and a crash run no cleanup, and would leave a server and its folder behind each time.
type watch struct {
	cmd  *exec.Cmd
	pipe *os.File
	once sync.Once
}

// newWatch starts a shell that waits for the end of its input, which is the end of this process.
// CONT follows QUIT because the server may be frozen; it ends its own processes. The folder goes after
// the server, which would write into it meanwhile.
func newWatch(dir string) (*watch, error) {
	const script = `cat >/dev/null
if read pid <"$1/data/postmaster.pid"; then
  kill -QUIT "$pid"; kill -CONT "$pid"
  i=0; while kill -0 "$pid" && [ $i -lt 100 ]; do sleep 0.1 || sleep 1; i=$((i+1)); done
fi
rm -rf "$1"`
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	cmd := background("/bin/sh", "-c", script, "pgtest", dir)
	cmd.Stdin = r
	if err := cmd.Start(); err != nil {
		w.Close()
		return nil, err
	}
	return &watch{cmd: cmd, pipe: w}, nil
}

func (w *watch) close() {
	w.once.Do(func() {
		w.pipe.Close()
		w.cmd.Wait() //nolint:errcheck // nothing was left to do for it
	})
}
