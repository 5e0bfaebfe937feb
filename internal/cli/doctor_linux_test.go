package cli

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// smallDisk is a data_dir on a disk of a few megabytes, nine tenths of which are full.
func smallDisk(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size=8m,mode=0700"); err != nil {
		t.Skipf("SKIP: a small disk cannot be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(folder, 0); err != nil {
			t.Errorf("unmounting: %v", err)
		}
	})
	if err := os.WriteFile(filepath.Join(folder, "filler"), make([]byte, 8<<20-64<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	return folder
}
