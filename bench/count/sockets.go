package count

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
)

// Pair is a connection on this machine, by its ports.
type Pair struct{ From, To uint16 }

// Without are those that are not among the others.
func Without(these, others map[Pair]bool) map[Pair]bool {
	out := map[Pair]bool{}
	for p := range these {
		if !others[p] {
			out[p] = true
		}
	}
	return out
}

// Between are the connections to the listeners that somebody else than the bench made, those that ended within the last minute too: the kernel keeps the end that
// closed first in TIME_WAIT for so long. That is what the processes of a side make among themselves.
func Between(listeners []string, ours map[uint16]bool) (map[Pair]bool, error) {
	to := map[uint16]bool{}
	for _, l := range listeners {
		_, port, err := net.SplitHostPort(l)
		if err != nil {
			return nil, fmt.Errorf("reading the address of a listener: %w", err)
		}
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			return nil, fmt.Errorf("reading the address of a listener: %w", err)
		}
		to[uint16(n)] = true
	}
	seen := map[Pair]bool{}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		raw, err := os.ReadFile(table)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("reading the connections of this machine: %w", err)
		}
		for line := range strings.Lines(string(raw)) {
			f := strings.Fields(line)
			if len(f) < 4 || f[3] == "0A" || f[0] == "sl" { // 0A is LISTEN
				continue
			}
			local, remote := port(f[1]), port(f[2])
			if to[local] {
				local, remote = remote, local
			}
			if to[remote] && !ours[local] {
				seen[Pair{local, remote}] = true
			}
		}
	}
	return seen, nil
}

func port(address string) uint16 {
	_, hex, _ := strings.Cut(address, ":")
	n, err := strconv.ParseUint(hex, 16, 16)
	if err != nil {
		return 0
	}
	return uint16(n)
}
