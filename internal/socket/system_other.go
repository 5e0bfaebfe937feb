//go:build !linux

package socket

import (
	"fmt"
	"net"
)

// Tells says that the system tells who is at the other end of a connection.
const Tells = false

// longest is the most that the address of a socket holds beside the final zero on macOS and BSD.
const longest = 103

func shorten(path string) (short string, done func(), err error) {
	if len(path) > longest {
		return "", nil, fmt.Errorf("the path %s has %d bytes, and a socket's at most %d here; use a shorter data_dir", path, len(path), longest)
	}
	return path, func() {}, nil
}

func peer(net.Conn) (uid int, known bool) { return 0, false }
