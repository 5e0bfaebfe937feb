package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestNothingHalfWrittenIsLeftBehind(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stack.yaml")
	for name, c := range map[string]struct {
		flag int
		want error
	}{
		"a file that cannot be written is gone": {os.O_RDONLY, fs.ErrNotExist},
		"one that can is there":                 {os.O_WRONLY, nil},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := os.OpenFile(path, c.flag|os.O_CREATE|os.O_EXCL, 0o600)
			if err != nil {
				t.Fatal(err)
			}
			if err := fill(f, []byte("profile: development\n")); (err == nil) != (c.want == nil) {
				t.Errorf("got %v", err)
			}
			if _, err := os.Stat(path); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			os.Remove(path) //nolint:errcheck // for the next one
		})
	}
}
