package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"strings"
)

// forwardVariable makes this binary a forwarder.
const forwardVariable = "IDENTITYD_TEST_FORWARD"

// forward makes this binary a process in another network: what connects to the first word gets to the unix socket
// that is the second.
func forward(to string) int {
	inside, path, _ := strings.Cut(to, " ")
	ln, err := net.Listen("tcp", inside)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Fprintln(os.Stdout, "listening")
	pipe(ln, "unix", path)
	return 0
}

// pipe connects whoever comes in with an address, until the listener is closed.
func pipe(ln net.Listener, network, address string) {
	for {
		in, err := ln.Accept()
		if err != nil {
			return
		}
		go func() {
			defer in.Close()
			out, err := net.Dial(network, address)
			if err != nil {
				return
			}
			defer out.Close()
			go func() { _, _ = io.Copy(out, in); out.Close() }()
			_, _ = io.Copy(in, out)
		}()
	}
}
