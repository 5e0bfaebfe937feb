//go:build !linux

package systemd

import (
	"errors"
	"fmt"
	"os"
	"runtime"
)

// sockets is for Linux alone: nothing else has a systemd.
func sockets() ([]Socket, error) {
	if os.Getenv("LISTEN_FDS") == "" {
		return nil, nil
	}
	return nil, fmt.Errorf("LISTEN_FDS is set, but sockets of a service manager are taken on Linux only, and this is %s: %w",
		runtime.GOOS, errors.ErrUnsupported)
}
