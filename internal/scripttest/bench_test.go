package scripttest

import (
	"errors"
	"flag"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"example.com/identityd/internal/certs/certtest"
	"example.com/identityd/internal/pgtest"
)

// bench is what one script works with: processes, one browser, and what must stay secret.
type bench struct {
	tb         testing.TB
	browser    *http.Client
	authority  *certtest.Authority // who signs what certificate makes; nil before the first one
	processes  map[string]*Process
	secrets    []string
	closers    []io.Closer
	postgreSQL *pgtest.Server
}

type benchKey struct{}

func setUp(env *testscript.Env) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	b := &bench{
		// Documented by testscript for tests that Run started.
		tb:        env.T().(testing.TB),
		browser:   &http.Client{Jar: jar, Timeout: StopBound, Transport: &http.Transport{ForceAttemptHTTP2: true}},
		processes: map[string]*Process{},
	}
	env.Values[benchKey{}] = b
	env.Defer(b.tearDown)
	return nil
}

func (b *bench) tearDown() {
	b.browser.CloseIdleConnections()
	for _, p := range b.processes {
		p.Kill()
	}
	for _, c := range b.closers {
		c.Close()
	}
}

// withBench makes a command of a method. None of them can be turned around by a "!".
func withBench(command func(*bench, *testscript.TestScript, []string)) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg {
			ts.Fatalf("! has no meaning here")
		}
		command(ts.Value(benchKey{}).(*bench), ts, args)
	}
}

// options parses the options of a command, which have one dash, and returns the rest.
func options(ts *testscript.TestScript, args []string, define func(*flag.FlagSet)) []string {
	set := flag.NewFlagSet("options", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	define(set)
	own := slices.IndexFunc(args, func(arg string) bool { return strings.HasPrefix(arg, "--") })
	if own < 0 {
		own = len(args)
	}
	ts.Check(set.Parse(args[:own]))
	return append(set.Args(), args[own:]...)
}

// anyport gives the commands that follow the ports of their own that start gives.
func (b *bench) anyPort(ts *testscript.TestScript, args []string) {
	if len(args) != 0 {
		ts.Fatalf("usage: anyport")
	}
	for _, pair := range AnyPort() {
		name, value, _ := strings.Cut(pair, "=")
		ts.Setenv(name, value)
	}
}

// exits code command... runs a command to its end; stdout and stderr look at what it said.
func (b *bench) exits(ts *testscript.TestScript, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: exits code command...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("got exit code %d, want %d", got, want)
	}
}
