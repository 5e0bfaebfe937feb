package scripttest

import (
	"io"
	"net"
	"net/url"
	"os"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"

	"example.com/identityd/internal/pgtest"
)

// occupy NAME | occupy path listens until the script ends: on a port, which it sets NAME to, or on a
// socket.
func (b *bench) occupy(ts *testscript.TestScript, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: occupy NAME | occupy path")
	}
	network, address := "unix", ts.MkAbs(args[0])
	if assignment.MatchString(args[0] + "=") {
		network, address = "tcp", "127.0.0.1:0"
	}
	ln, err := new(net.ListenConfig).Listen(b.tb.Context(), network, address)
	ts.Check(err)
	b.closers = append(b.closers, ln)
	if tcp, ok := ln.Addr().(*net.TCPAddr); ok {
		ts.Setenv(args[0], strconv.Itoa(tcp.Port))
	}
}

// stalesocket path leaves what a process that died leaves: a socket that nobody listens on.
func (b *bench) staleSocket(ts *testscript.TestScript, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: stalesocket path")
	}
	ln, err := net.ListenUnix("unix", &net.UnixAddr{Net: "unix", Name: ts.MkAbs(args[0])})
	ts.Check(err)
	ln.SetUnlinkOnClose(false)
	ts.Check(ln.Close())
}

// socketdir NAME makes a folder with a path short enough for sockets in it.
func (b *bench) socketDir(ts *testscript.TestScript, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: socketdir NAME")
	}
	dir, err := os.MkdirTemp("", "s")
	ts.Check(err)
	b.closers = append(b.closers, removal(dir))
	ts.Setenv(args[0], dir)
}

// removal is a folder that Close removes.
type removal string

// Close implements io.Closer.
func (r removal) Close() error { return os.RemoveAll(string(r)) }

// closedport NAME sets NAME to a port that refuses connections until the script ends: the near end
// of a connection, which nobody else can be given and nobody listens on.
func (b *bench) closedPort(ts *testscript.TestScript, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: closedport NAME")
	}
	ln, err := new(net.ListenConfig).Listen(b.tb.Context(), "tcp", "127.0.0.1:0")
	ts.Check(err)
	conn, err := new(net.Dialer).DialContext(b.tb.Context(), "tcp", ln.Addr().String())
	ts.Check(err)
	b.closers = append(b.closers, []io.Closer{conn, ln}...)
	_, port, err := net.SplitHostPort(conn.LocalAddr().String())
	ts.Check(err)
	ts.Setenv(args[0], port)
}

// postgres start|stop|again runs a PostgreSQL for this script and sets DATABASE_URL, SERVER_URL, the
// same without a user, and COCKROACH_URL, of another scheme; or skips the script where there is none to run.
func (b *bench) postgres(ts *testscript.TestScript, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: postgres start|stop|again")
	}
	switch args[0] {
	case "start":
		b.postgreSQL = pgtest.Start(b.tb)
		u, err := url.Parse(b.postgreSQL.URL())
		ts.Check(err)
		password, _ := u.User.Password()
		b.secrets = append(b.secrets, password)
		ts.Setenv("DATABASE_URL", b.postgreSQL.URL())
		bare := *u
		bare.User = nil
		ts.Setenv("SERVER_URL", bare.String())
		u.Scheme = "cockroach"
		ts.Setenv("COCKROACH_URL", u.String())
	case "stop":
		b.postgreSQL.Stop(pgtest.Fast)
	case "again":
		b.postgreSQL.Start()
	default:
		ts.Fatalf("unknown word %s", args[0])
	}
}

// admin file writes the URL of a user who may make databases and users.
func (b *bench) admin(ts *testscript.TestScript, args []string) {
	if len(args) != 1 || b.postgreSQL == nil {
		ts.Fatalf("usage, after postgres start: admin file")
	}
	admin := b.postgreSQL.Role(b.tb, "CREATEDB CREATEROLE")
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(admin+"\n"), 0o600))
}
