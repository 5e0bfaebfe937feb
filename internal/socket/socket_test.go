//go:build unix

package socket

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

func listen(t *testing.T, path string, opts Options) net.Listener {
	t.Helper()
	if opts.Mode == 0 {
		opts.Mode = 0o600
	}
	ln, err := Listen(t.Context(), path, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	return ln
}

func at(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "s")
}

func TestTheModeHoldsUnderAnyUmask(t *testing.T) {
	for _, mask := range []int{0, 0o022, 0o077} {
		before := syscall.Umask(mask)
		path := at(t)
		ln, err := Listen(t.Context(), path, Options{Mode: 0o600})
		syscall.Umask(before)
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Lstat(path)
		if err != nil || info.Mode() != fs.ModeSocket|0o600 {
			t.Errorf("umask %03o: got %v, %v, want a socket of 0600", mask, info.Mode(), err)
		}
		ln.Close()
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("after closing: got %v, want nothing left", err)
		}
	}
}

func TestADeadSocketIsReplacedAndALivingOneIsNot(t *testing.T) {
	path := at(t)
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	dead.SetUnlinkOnClose(false)
	_ = dead.Close()
	alive := listen(t, path, Options{})

	_, err = Listen(t.Context(), path, Options{Mode: 0o600})
	var inUse *InUseError
	if !errors.As(err, &inUse) {
		t.Fatalf("got %v, want that it is in use", err)
	}
	go func() {
		if c, err := alive.Accept(); err == nil {
			c.Close()
		}
	}()
	c, err := Dial(t.Context(), path)
	if err != nil {
		t.Fatalf("the living one was harmed: %v", err)
	}
	c.Close()
}

func TestWhatIsNoSocketStays(t *testing.T) {
	folder := t.TempDir()
	victim := filepath.Join(folder, "victim")
	if err := os.WriteFile(victim, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		make func(path string) error
		want string
	}{
		"a file":                       {func(p string) error { return os.WriteFile(p, nil, 0o600) }, "no socket"},
		"a folder":                     {func(p string) error { return os.Mkdir(p, 0o700) }, "no socket"},
		"a link to a file":             {func(p string) error { return os.Symlink(victim, p) }, "symbolic link"},
		"a link that leads nowhere":    {func(p string) error { return os.Symlink(filepath.Join(folder, "none"), p) }, "symbolic link"},
		"a link to a socket elsewhere": {func(p string) error { return os.Symlink(listen(t, at(t), Options{}).Addr().String(), p) }, "symbolic link"},
	} {
		t.Run(name, func(t *testing.T) {
			path := at(t)
			if err := c.make(path); err != nil {
				t.Fatal(err)
			}
			_, err := Listen(t.Context(), path, Options{Mode: 0o600})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("binding: got %v, want %q in it", err, c.want)
			}
			if _, err := os.Lstat(path); err != nil {
				t.Errorf("it was removed: %v", err)
			}
			if _, err := Dial(t.Context(), path); err == nil || !strings.Contains(err.Error(), "is no socket") {
				t.Errorf("connecting: got %v, want a refusal", err)
			}
		})
	}
	if raw, err := os.ReadFile(victim); err != nil || string(raw) != "mine" {
		t.Errorf("got %q, %v, want the file that was linked to as it was", raw, err)
	}
}

func TestClosingLeavesTheSocketOfAnother(t *testing.T) {
	path := at(t)
	old := listen(t, path, Options{})
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	listen(t, path, Options{})
	old.Close()
	if _, err := os.Lstat(path); err != nil {
		t.Errorf("got %v, want the new one left alone", err)
	}
}

func TestOneOfManyThatBindAtOnceWins(t *testing.T) {
	path := at(t)
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	dead.SetUnlinkOnClose(false)
	_ = dead.Close()
	var (
		all sync.WaitGroup
		mu  sync.Mutex
		won []net.Listener
	)
	for range 16 {
		all.Go(func() {
			ln, err := Listen(context.WithoutCancel(t.Context()), path, Options{Mode: 0o600})
			if err != nil {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			won = append(won, ln)
		})
	}
	all.Wait()
	for _, ln := range won {
		defer ln.Close()
	}
	if len(won) != 1 {
		t.Errorf("got %d listeners at one path, want 1", len(won))
	}
}

func TestALongPath(t *testing.T) {
	path := filepath.Join(t.TempDir(), strings.Repeat("a", 100), strings.Repeat("b", 100), "control.sock")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	ln, err := Listen(t.Context(), path, Options{Mode: 0o600, SameUser: true})
	if !Tells { // no /proc either
		if err == nil || !strings.Contains(err.Error(), "use a shorter") {
			t.Fatalf("got %v, want an error with the cure", err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := ln.Addr().String(); got != path {
		t.Errorf("got address %s, want %s", got, path)
	}
	go func() {
		if c, err := ln.Accept(); err == nil {
			c.Close()
		}
	}()
	c, err := Dial(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	ln.Close()
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want it removed", err)
	}
}
