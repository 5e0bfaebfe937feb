//go:build unix

package socket

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// Private says whether a socket's mode keeps other users out here.
const Private = true

// restrict narrows a socket before it is bound, where the system lets it (Linux); elsewhere the mode is
// set right after.
func restrict(c syscall.RawConn, mode fs.FileMode) error {
	return c.Control(func(fd uintptr) {
		_ = syscall.Fchmod(int(fd), uint32(mode.Perm())) // the mode is looked at once it is bound
	})
}

func ownerOf(info fs.FileInfo) (uid int, known bool) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return int(st.Uid), true
}

// tryLock takes the folder's lock; busy means that somebody else has it.
func tryLock(folder string) (release func(), busy bool) {
	f, err := os.Open(folder)
	if err != nil {
		return func() {}, false // binding says what is wrong
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return func() {}, errors.Is(err, syscall.EWOULDBLOCK)
	}
	return func() { f.Close() }, false
}
