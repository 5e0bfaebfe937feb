package socket

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// InUseError is a socket that a living process answers at.
type InUseError struct{ Path string }

// Error implements error.
func (e *InUseError) Error() string {
	return fmt.Sprintf("listen unix %s: address already in use", e.Path)
}

// Options say who may connect.
type Options struct {
	// Mode is the socket's, from before it can be connected to.
	Mode fs.FileMode
	// SameUser hangs up on whoever is neither this user nor root, where the system tells (Linux): modes
	// alone are as good as the file system that keeps them.
	SameUser bool
	// Refused is told of those; nil is allowed.
	Refused func(uid int)
}

// Listen binds path. Closing the listener removes the socket, unless somebody else's is there by then.
func Listen(ctx context.Context, path string, opts Options) (net.Listener, error) {
	if !Private && opts.Mode.Perm()&0o077 == 0 {
		return nil, fmt.Errorf("listen unix %s: no socket can be kept to one user on %s: %w", path, runtime.GOOS, errors.ErrUnsupported)
	}
	release := lock(ctx, filepath.Dir(path)) // two that start at once must not remove each other's
	defer release()
	if err := clear(ctx, path); err != nil {
		return nil, err
	}
	short, done, err := shorten(path)
	if err != nil {
		return nil, err
	}
	defer done()
	lc := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error { return restrict(c, opts.Mode) }}
	bound, err := lc.Listen(ctx, "unix", short)
	if err != nil {
		return nil, named(err, path)
	}
	ln, ok := bound.(*net.UnixListener)
	if !ok {
		bound.Close()
		return nil, fmt.Errorf("listen unix %s: got a %T", path, bound)
	}
	ln.SetUnlinkOnClose(false) // by its short name, and whoever it belongs to
	info, err := settleMode(path, opts.Mode)
	if err != nil {
		_ = ln.Close()
		return nil, errors.Join(err, ignoreMissing(os.Remove(path)))
	}
	return &listener{UnixListener: ln, path: path, info: info, opts: opts}, nil
}

// clear removes what a dead process left. It follows no link, and touches nothing but sockets.
func clear(ctx context.Context, path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("looking at socket: %w", err)
	case info.Mode()&fs.ModeSymlink != 0:
		return fmt.Errorf("listen unix %s: it is a symbolic link, which is not followed; remove it", path)
	case info.Mode()&fs.ModeSocket == 0:
		return fmt.Errorf("listen unix %s: it is a file and no socket; move it away", path)
	}
	c, err := connect(ctx, path)
	if err == nil {
		_ = c.Close()
		return &InUseError{Path: path}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		// Full, or not ours to ask: somebody is there.
		return fmt.Errorf("listen unix %s: cannot tell whether somebody answers there: %w", path, err)
	}
	if err := ignoreMissing(os.Remove(path)); err != nil {
		return fmt.Errorf("removing stale socket: %w", err)
	}
	return nil
}

// settleMode makes sure of what restrict began; systems differ in what they do before bind.
func settleMode(path string, mode fs.FileMode) (fs.FileInfo, error) {
	info, err := os.Lstat(path)
	if !Private && err == nil {
		return info, nil
	}
	if err == nil && info.Mode()&fs.ModeSocket != 0 && info.Mode().Perm() != mode {
		if err = os.Chmod(path, mode); err == nil {
			info, err = os.Lstat(path)
		}
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("restricting socket: %w", err)
	case info.Mode()&fs.ModeSocket == 0 || info.Mode().Perm() != mode:
		return nil, fmt.Errorf("restricting socket: %s is %v, want a socket of %v", path, info.Mode(), mode)
	}
	return info, nil
}

type listener struct {
	*net.UnixListener

	path string
	info fs.FileInfo
	opts Options
	once sync.Once
}

// Addr implements net.Listener: the path that was asked for, not the shortened one.
func (l *listener) Addr() net.Addr { return &net.UnixAddr{Name: l.path, Net: "unix"} }

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	for {
		c, err := l.AcceptUnix()
		if err != nil {
			return nil, err
		}
		if !l.opts.SameUser {
			return c, nil
		}
		uid, known := peer(c)
		if !known {
			return c, nil
		}
		if uid == os.Geteuid() || uid == 0 {
			return &acquainted{Conn: c, uid: uid}, nil
		}
		_ = c.Close() // it is told nothing
		if l.opts.Refused != nil {
			l.opts.Refused(uid)
		}
	}
}

// Close implements net.Listener.
func (l *listener) Close() error {
	l.once.Do(func() {
		// Before the socket goes silent: a process that waits for the place finds it free.
		if now, err := os.Lstat(l.path); err == nil && os.SameFile(now, l.info) {
			_ = os.Remove(l.path) // the next one to bind replaces it
		}
	})
	return l.UnixListener.Close()
}

// lock keeps others that bind in the folder out, for as long as it takes to look and bind. Who cannot
// get it in time goes on without: the folder may be one in which anybody may hold such a lock.
func lock(ctx context.Context, folder string) (release func()) {
	const tries, pause = 100, 20 * time.Millisecond
	for range tries {
		release, busy := tryLock(folder)
		if !busy {
			return release
		}
		select {
		case <-ctx.Done():
			return func() {}
		case <-time.After(pause):
		}
	}
	return func() {}
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// named puts the path into an error of net's, which has the shortened one.
func named(err error, path string) error {
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	return fmt.Errorf("listen unix %s: %w", path, err)
}
