package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"example.com/identityd/internal/pgtest"
)

// bench is what one script works with: processes, one browser, and what must stay secret.
type bench struct {
	tb         testing.TB
	browser    *http.Client
	processes  map[string]*process
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
		browser:   &http.Client{Jar: jar, Timeout: stopBound, Transport: &http.Transport{}},
		processes: map[string]*process{},
	}
	env.Values[benchKey{}] = b
	env.Defer(b.tearDown)
	return nil
}

func (b *bench) tearDown() {
	b.browser.CloseIdleConnections()
	for _, p := range b.processes {
		p.kill()
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

// start [-as name] [-until ready|banner|alive] [NAME=value...] [argument...] runs "identityd serve" on
// ports of its own with its output in <name>.out and <name>.err, waits until it has come that far,
// and sets UI, HYDRA, KRATOS, HYDRA_ADMIN, KRATOS_ADMIN and OPS.
func (b *bench) start(ts *testscript.TestScript, args []string) {
	var name, until string
	args = options(ts, args, func(f *flag.FlagSet) {
		f.StringVar(&name, "as", "identityd", "")
		f.StringVar(&until, "until", "banner", "")
	})
	var environ []string
	for _, key := range []string{"PATH", "HOME", "TMPDIR", "GORACE"} {
		environ = append(environ, key+"="+ts.Getenv(key))
	}
	for len(args) > 0 && assignment.MatchString(args[0]) {
		environ, args = append(environ, args[0]), args[1:]
	}
	if old := b.processes[name]; old != nil {
		select {
		case <-old.exited:
		default:
			ts.Fatalf("%s runs already", name)
		}
	}
	p, err := startProcess(ts.MkAbs("."), name, environ, slices.Concat([]string{"serve"}, anyPort(), args))
	ts.Check(err)
	b.processes[name] = p
	ts.Check(p.await(until, func() bool {
		switch until {
		case "alive":
			return len(p.addresses()["ops"]) > 0
		case "ready":
			return p.logs("ready")
		}
		return strings.Contains(ts.ReadFile(p.stdout), "Ctrl-C stops it.")
	}))
	found := listeningURLs(p)
	if until == "banner" {
		found = bannerURLs(ts.ReadFile(p.stdout))
	}
	for _, key := range []string{"UI", "HYDRA", "KRATOS", "HYDRA_ADMIN", "KRATOS_ADMIN", "OPS"} {
		ts.Setenv(key, found[key])
		ts.Setenv(key+"_PORT", found[key][strings.LastIndex(found[key], ":")+1:])
	}
}

var assignment = regexp.MustCompile(`^[A-Z][A-Z0-9_]*=`)

// bannerURLs reads what a person reads.
func bannerURLs(banner string) map[string]string {
	names := map[string]string{
		"open": "UI", "issuer": "HYDRA", "kratos": "KRATOS",
		"hydra admin": "HYDRA_ADMIN", "kratos admin": "KRATOS_ADMIN", "ops": "OPS",
	}
	out := map[string]string{}
	for _, m := range bannerLine.FindAllStringSubmatch(banner, -1) {
		out[names[m[1]]] = m[2]
	}
	return out
}

var bannerLine = regexp.MustCompile(`(?m)^  (open|issuer|kratos|hydra admin|kratos admin|ops) +(http://\S+) `)

// listeningURLs is for processes that print no banner.
func listeningURLs(p *process) map[string]string {
	names := map[string]string{
		"ui": "UI", "hydra_public": "HYDRA", "kratos_public": "KRATOS",
		"hydra_admin": "HYDRA_ADMIN", "kratos_admin": "KRATOS_ADMIN", "ops": "OPS",
	}
	out := map[string]string{}
	for name, addresses := range p.addresses() {
		_, port, ok := strings.Cut(addresses[0], ":")
		if ok {
			out[names[name]] = "http://localhost:" + port
		}
	}
	return out
}

// process returns the process of that name, or ends the script.
func (b *bench) process(ts *testscript.TestScript, name string) *process {
	p := b.processes[name]
	if p == nil {
		ts.Fatalf("no process %s; there are %s", name, slices.Sorted(maps.Keys(b.processes)))
	}
	return p
}

// signal [-as name] TERM|INT sends a signal.
func (b *bench) signal(ts *testscript.TestScript, args []string) {
	var name string
	args = options(ts, args, func(f *flag.FlagSet) { f.StringVar(&name, "as", "identityd", "") })
	if len(args) != 1 {
		ts.Fatalf("usage: signal [-as name] TERM|INT")
	}
	known := map[string]syscall.Signal{"TERM": syscall.SIGTERM, "INT": syscall.SIGINT}
	s, ok := known[args[0]]
	if !ok {
		ts.Fatalf("unknown signal %s", args[0])
	}
	ts.Check(b.process(ts, name).cmd.Process.Signal(s))
}

// end [-as name] [-within 1s] TERM|INT code sends a signal and waits for the exit code.
func (b *bench) end(ts *testscript.TestScript, args []string) {
	var name string
	var within time.Duration
	args = options(ts, args, func(f *flag.FlagSet) {
		f.StringVar(&name, "as", "identityd", "")
		f.DurationVar(&within, "within", stopBound, "")
	})
	if len(args) != 2 {
		ts.Fatalf("usage: end [-as name] [-within duration] TERM|INT code")
	}
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	b.signal(ts, []string{"-as", name, args[0]})
	p := b.process(ts, name)
	got, err := p.wait(within)
	ts.Check(err)
	if got != want {
		ts.Fatalf("%s exited with %d, want %d:\n%s", name, got, want, p.said())
	}
}

// logged [-as name] text waits until the text is in what the process wrote to stderr.
func (b *bench) logged(ts *testscript.TestScript, args []string) {
	var name string
	args = options(ts, args, func(f *flag.FlagSet) { f.StringVar(&name, "as", "identityd", "") })
	if len(args) != 1 {
		ts.Fatalf("usage: logged [-as name] text")
	}
	p := b.process(ts, name)
	ts.Check(p.await(fmt.Sprintf("%q in %s", args[0], filepath.Base(p.stderr)), func() bool {
		return strings.Contains(ts.ReadFile(p.stderr), args[0])
	}))
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
