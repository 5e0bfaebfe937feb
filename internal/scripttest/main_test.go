package scripttest

import (
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"example.com/identityd/internal/cli"
)

var update = flag.Bool("update", false, "write what the scripts compare with anew")

// TestMain makes this binary answer to the name identityd as well: scripts and tests run it as a
// process of its own, race detector included, and it is linked once.
func TestMain(m *testing.M) {
	// The race detector sleeps for a second at every exit unless it is told not to.
	if err := os.Setenv("GORACE", "atexit_sleep_ms=0"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	// Stacks at once: two cores, and other packages beside.
	if err := flag.Set("test.parallel", "2"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	testscript.Main(m, map[string]func(){
		"identityd": func() { os.Exit(cli.Main(os.Args[1:], os.Stdout, os.Stderr)) },
	})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
		Setup:               setUp,
		Condition:           condition,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"serve":       withBench((*bench).serve),
			"end":         withBench((*bench).end),
			"json":        jsonCommand,
			"set":         setCommand,
			"signal":      withBench((*bench).signal),
			"logged":      withBench((*bench).logged),
			"anyport":     withBench((*bench).anyPort),
			"exits":       withBench((*bench).exits),
			"get":         withBench((*bench).get),
			"signup":      withBench((*bench).signUp),
			"bearer":      withBench((*bench).bearer),
			"token":       withBench((*bench).token),
			"send":        withBench((*bench).send),
			"mailcode":    withBench((*bench).mailCode),
			"mailserver":  withBench((*bench).mailServer),
			"certificate": withBench((*bench).certificate),
			"secret":      withBench((*bench).secret),
			"sql":         withBench((*bench).sql),
			"mode":        withBench((*bench).mode),
			"jsonlines":   withBench((*bench).jsonLines),
			"nosecrets":   withBench((*bench).noSecrets),
			"occupy":      withBench((*bench).occupy),
			"stalesocket": withBench((*bench).staleSocket),
			"socketdir":   withBench((*bench).socketDir),
			"closedport":  withBench((*bench).closedPort),
			"forwarder":   withBench((*bench).forwarder),
			"postgres":    withBench((*bench).postgres),
			"admin":       withBench((*bench).admin),
		},
	})
}

// condition makes [ipv6] usable in scripts.
func condition(name string) (bool, error) {
	if name != "ipv6" {
		return false, errors.New("unknown condition")
	}
	ln, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		return false, nil //nolint:nilerr // that is the answer
	}
	return true, ln.Close()
}
