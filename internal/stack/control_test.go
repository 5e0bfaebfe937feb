package stack

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/control"
)

// TestAStartWithoutAControlSocketGoesOn: whatever is in the way is left alone and said once.
func TestAStartWithoutAControlSocketGoesOn(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(t *testing.T, folder string)
		want    string
	}{
		"another identityd has it": {func(t *testing.T, folder string) {
			t.Helper()
			ln, _, err := control.Listen(context.WithoutCancel(t.Context()), folder, nil)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { ln.Close() })
		}, "another identityd answers at"},
		"a file has its name": {func(t *testing.T, folder string) {
			t.Helper()
			if err := os.WriteFile(control.Path(folder), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}, "it is a file and no socket"},
		"a link has its name": {func(t *testing.T, folder string) {
			t.Helper()
			if err := os.Symlink("/dev/null", control.Path(folder)); err != nil {
				t.Fatal(err)
			}
		}, "a symbolic link, which is not followed"},
		"the folder cannot be made": {func(t *testing.T, folder string) {
			t.Helper()
			if err := os.Remove(folder); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(folder, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}, "making data folder"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), "data")
			if err := os.Mkdir(folder, 0o700); err != nil {
				t.Fatal(err)
			}
			c.prepare(t, folder)
			var log bytes.Buffer
			s := &Stack{cfg: config.Config{DataDir: folder}, log: slog.New(slog.NewTextHandler(&log, nil))}
			s.openControl(t.Context())
			if len(s.listeners) != 0 || !strings.Contains(log.String(), c.want) || !strings.Contains(log.String(), "level=WARN") {
				t.Errorf("got %d listeners and %q, want none and a warning with %q", len(s.listeners), &log, c.want)
			}
		})
	}
}

func TestAdminSocketsAreForOneUser(t *testing.T) {
	for name, want := range map[string]os.FileMode{"hydra_admin": 0o600, "gateway": 0o660} {
		path := filepath.Join(t.TempDir(), "s")
		address, err := config.ParseAddress("unix:" + path)
		if err != nil {
			t.Fatal(err)
		}
		l := &listener{name: name, admin: name == "hydra_admin", address: address}
		if err := l.bind(t.Context(), new(net.ListenConfig).Listen); err != nil {
			t.Fatal(err)
		}
		info, err := os.Lstat(path)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: got %v, %v, want %v", name, info.Mode(), err, want)
		}
		closeAll([]*listener{l})
		if _, err := os.Lstat(path); err == nil {
			t.Errorf("%s: the socket is still there after closing", name)
		}
	}
}
