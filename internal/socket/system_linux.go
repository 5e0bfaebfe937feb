package socket

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"
)

// Tells says that the system tells who is at the other end of a connection.
const Tells = true

// longest is the most that the address of a socket holds beside the final zero.
const longest = 107

// shorten names a socket by its open folder where its path is too long for an address.
func shorten(path string) (short string, done func(), err error) {
	if len(path) <= longest {
		return path, func() {}, nil
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return "", nil, fmt.Errorf("opening the folder of a socket: %w", err)
	}
	short = fmt.Sprintf("/proc/self/fd/%d/%s", folder.Fd(), filepath.Base(path))
	if len(short) > longest {
		folder.Close()
		return "", nil, fmt.Errorf("the name of the socket %s is too long", path)
	}
	return short, func() { folder.Close() }, nil
}

// peer asks the kernel whose process connected or listens.
func peer(c net.Conn) (uid int, known bool) {
	u, ok := c.(*net.UnixConn)
	if !ok {
		return 0, false
	}
	raw, err := u.SyscallConn()
	if err != nil {
		return 0, false
	}
	var cred *syscall.Ucred
	if raw.Control(func(fd uintptr) {
		cred, err = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	}) != nil || err != nil {
		return 0, false
	}
	return int(cred.Uid), true
}
