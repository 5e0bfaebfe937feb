package systemd

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"

	"github.com/coreos/go-systemd/v22/activation"
)

// sockets takes the listeners that were passed, all of them or none.
func sockets() ([]Socket, error) {
	var out []Socket
	var failure error
	for _, f := range activation.Files(true) {
		if failure == nil {
			ln, err := listener(f)
			if err == nil {
				out = append(out, Socket{Name: f.Name(), Listener: ln})
			} else {
				failure = &NoListenerError{Name: f.Name(), Err: err}
			}
		}
		f.Close() // the listener has a descriptor of its own
	}
	if failure != nil {
		for _, s := range out {
			s.Close()
		}
		return nil, failure
	}
	return out, nil
}

// listener tells a socket that accepts from one that is a connection, which fails only when it is served.
func listener(f *os.File) (net.Listener, error) {
	raw, err := f.SyscallConn()
	if err != nil {
		return nil, err
	}
	accepts := 0
	var failed error
	err = raw.Control(func(fd uintptr) {
		accepts, failed = syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_ACCEPTCONN) //nolint:gosec // a descriptor
	})
	switch {
	case err != nil:
		return nil, err
	case failed != nil:
		return nil, fmt.Errorf("it is no socket: %w", failed)
	case accepts == 0:
		return nil, errors.New("it does not listen")
	}
	return net.FileListener(f)
}
