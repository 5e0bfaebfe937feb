package main

import (
	"flag"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// start [-as name] [-until ready|banner|alive] [NAME=value...] [argument...] runs "identityd serve" on
// ports of its own with its output in <name>.out and <name>.err, waits until it has come that far,
// and sets UI, HYDRA, KRATOS, HYDRA_ADMIN, KRATOS_ADMIN and OPS.
func (b *bench) start(ts *testscript.TestScript, args []string) {
	var name, until string
	args = options(ts, args, func(f *flag.FlagSet) {
		f.StringVar(&name, "as", "identityd", "")
		f.StringVar(&until, "until", "banner", "")
	})
	environ := anyPort() // below what the script says: the last one of a name wins
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
	p, err := startProcess(ts.MkAbs("."), name, environ, append([]string{"serve"}, args...))
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
