//go:build unix

package secrets

import (
	"io/fs"
	"os"
	"syscall"
)

// keepOwner gives name the owner that the file it replaces has. Only root can, and only root needs to.
func keepOwner(name string, was fs.FileInfo) error {
	old, ok := was.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	if is, ok := info.Sys().(*syscall.Stat_t); ok && is.Uid == old.Uid && is.Gid == old.Gid {
		return nil
	}
	return os.Chown(name, int(old.Uid), int(old.Gid))
}
