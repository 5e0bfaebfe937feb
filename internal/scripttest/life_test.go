package scripttest

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// serve [-as name] [-until alive|ready|banner] [NAME=value...] [argument...] runs "identityd serve" on ports
// of its own with its output in <name>.out and <name>.err, waits until it has come that far, and sets UI,
// HYDRA, KRATOS, HYDRA_ADMIN, KRATOS_ADMIN and OPS. Without -until it waits for all that a start says.
func (b *bench) serve(ts *testscript.TestScript, args []string) {
	var name, until string
	args = options(ts, args, func(f *flag.FlagSet) {
		f.StringVar(&name, "as", "identityd", "")
		f.StringVar(&until, "until", "", "")
	})
	environ := AnyPort() // below what the script says: the last one of a name wins
	for _, key := range []string{"PATH", "HOME", "TMPDIR", "GORACE"} {
		environ = append(environ, key+"="+ts.Getenv(key))
	}
	for len(args) > 0 && assignment.MatchString(args[0]) {
		environ, args = append(environ, args[0]), args[1:]
	}
	if old := b.processes[name]; old != nil {
		select {
		case <-old.Exited:
		default:
			ts.Fatalf("%s runs already", name)
		}
	}
	p, err := Start(ts.MkAbs("."), name, environ, append([]string{"serve"}, args...))
	ts.Check(err)
	b.processes[name] = p
	ts.Check(p.Await("the start", func() bool { return p.came(until) }))
	found := listeningURLs(p)
	if p.bannered() && until != "ready" {
		found = bannerURLs(ts.ReadFile(p.Stdout))
	}
	for _, key := range []string{"UI", "HYDRA", "KRATOS", "HYDRA_ADMIN", "KRATOS_ADMIN", "OPS"} {
		ts.Setenv(key, found[key])
		ts.Setenv(key+"_PORT", found[key][strings.LastIndex(found[key], ":")+1:])
	}
}

// came tells whether a start has come that far. The banner follows the line of the log, in development,
// whose addresses are of this machine.
func (p *Process) came(until string) bool {
	switch until {
	case "alive":
		return len(p.Addresses()["ops"]) > 0
	case "ready":
		return p.Logs("ready")
	case "banner":
		return p.bannered()
	}
	for _, l := range p.Log() {
		if l.Message == "ready" && !strings.HasPrefix(l.UI, "http://localhost") {
			return true
		}
	}
	return p.bannered()
}

func (p *Process) bannered() bool {
	text, err := os.ReadFile(p.Stdout)
	return err == nil && strings.Contains(string(text), "Ctrl-C stops it.")
}

var assignment = regexp.MustCompile(`^[A-Z][A-Z0-9_]*=`)

// process returns the process of that name, or ends the script.
func (b *bench) process(ts *testscript.TestScript, name string) *Process {
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
		ts.Fatalf("usage: signal [-as name] TERM|INT|HUP")
	}
	known := map[string]syscall.Signal{"TERM": syscall.SIGTERM, "INT": syscall.SIGINT, "HUP": syscall.SIGHUP}
	s, ok := known[args[0]]
	if !ok {
		ts.Fatalf("unknown signal %s", args[0])
	}
	ts.Check(b.process(ts, name).Cmd.Process.Signal(s))
}

// end [-as name] [-within 1s] [TERM|INT [code]] sends a signal and waits for the exit code.
func (b *bench) end(ts *testscript.TestScript, args []string) {
	var name string
	var within time.Duration
	args = options(ts, args, func(f *flag.FlagSet) {
		f.StringVar(&name, "as", "identityd", "")
		f.DurationVar(&within, "within", StopBound, "")
	})
	if len(args) > 2 {
		ts.Fatalf("usage: end [-as name] [-within duration] [TERM|INT [code]]")
	}
	args = append(args, []string{"TERM", "0"}[len(args):]...)
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	b.signal(ts, []string{"-as", name, args[0]})
	p := b.process(ts, name)
	got, err := p.Wait(within)
	ts.Check(err)
	if got != want {
		ts.Fatalf("%s exited with %d, want %d:\n%s", name, got, want, p.Said())
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
	ts.Check(p.Await(fmt.Sprintf("%q in %s", args[0], filepath.Base(p.Stderr)), func() bool {
		return strings.Contains(ts.ReadFile(p.Stderr), args[0])
	}))
}
