package socket

import (
	"io/fs"
	"syscall"
)

// Private says whether a socket's mode keeps other users out here.
const Private = false

func restrict(syscall.RawConn, fs.FileMode) error { return nil }

func ownerOf(fs.FileInfo) (uid int, known bool) { return 0, false }

func tryLock(string) (release func(), busy bool) { return func() {}, false }
