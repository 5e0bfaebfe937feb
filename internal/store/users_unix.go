//go:build unix

package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// Where SQLite puts its locks (sqlite3: os.h, SHARED_FIRST and SHARED_SIZE). A connection in WAL mode
// holds a shared one for as long as it is open.
const (
	sharedFirst = 0x40000002
	sharedSize  = 510
)

// fileUser asks the kernel which other process has a lock on the file. Closing it here would drop the
// locks of this process, if it had any.
func fileUser(path string) (string, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("opening %s: %w", path, err)
	}
	defer f.Close()
	lock := syscall.Flock_t{Type: syscall.F_WRLCK, Whence: io.SeekStart, Start: sharedFirst, Len: sharedSize}
	if err := syscall.FcntlFlock(f.Fd(), syscall.F_GETLK, &lock); err != nil {
		return "", nil //nolint:nilerr // a file system without locks cannot tell
	}
	if lock.Type == syscall.F_UNLCK {
		return "", nil
	}
	return fmt.Sprintf("process %d has %s open", lock.Pid, path), nil
}
