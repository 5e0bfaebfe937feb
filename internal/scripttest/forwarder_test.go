package scripttest

import (
	"io"
	"net"

	"github.com/rogpeppe/go-internal/testscript"
)

// forwarder NAME socket listens on a port and hands connections on to a socket, as a balancer does that leaves TLS
// alone. The port is in NAME before there is anybody behind it, for an address that has to be written down.
func (b *bench) forwarder(ts *testscript.TestScript, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: forwarder NAME socket")
	}
	ln, err := new(net.ListenConfig).Listen(b.tb.Context(), "tcp", "127.0.0.1:0")
	ts.Check(err)
	b.closers = append(b.closers, ln)
	_, port, err := net.SplitHostPort(ln.Addr().String())
	ts.Check(err)
	ts.Setenv(args[0], port)
	go func() {
		for {
			in, err := ln.Accept()
			if err != nil {
				return
			}
			go forward(in, args[1])
		}
	}()
}

func forward(in net.Conn, socket string) {
	defer in.Close()
	out, err := net.Dial("unix", socket)
	if err != nil {
		return
	}
	defer out.Close()
	go func() {
		_, _ = io.Copy(out, in)
		out.Close()
	}()
	_, _ = io.Copy(in, out)
}
