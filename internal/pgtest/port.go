package pgtest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"strings"
)

// The ports to choose from begin above those that servers have by custom.
const lowestPort = 12000

// port returns one that nobody listens on. PostgreSQL can neither listen on port 0 nor take over a socket, so that
// this is the one place where a port is guessed: below those that the system gives to whoever asks for port 0 and to
// connections. One of these would be somebody else's by the time the server binds it, or while it is stopped
// and to come back where it was.
func port() (int, error) {
	low, high := lowestPort, ephemeral()
	if high-low < 1000 {
		low, high = 0, 1 // as on systems that give away nearly all of them
	}
	var err error
	for range 50 {
		var l net.Listener
		at := low + rand.IntN(high-low)                                             //nolint:gosec // not a secret
		l, err = net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(at))) //nolint:noctx // returns at once
		if err == nil {
			at = l.Addr().(*net.TCPAddr).Port
			return at, l.Close()
		}
	}
	return 0, fmt.Errorf("looking for a free port: %w", err)
}

// ephemeral is the first port that the system gives away itself.
func ephemeral() int {
	raw, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if errors.Is(err, os.ErrNotExist) {
		return 32768 // elsewhere they begin at 49152
	}
	first, _, _ := strings.Cut(strings.TrimSpace(string(raw)), "\t")
	n, err := strconv.Atoi(first)
	if err != nil {
		return 0
	}
	return n
}
