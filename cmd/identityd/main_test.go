package main

import (
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
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
	testscript.Main(m, map[string]func(){"identityd": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
		Setup:               setUp,
		Condition:           condition,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"start":       withBench((*bench).start),
			"end":         withBench((*bench).end),
			"signal":      withBench((*bench).signal),
			"logged":      withBench((*bench).logged),
			"anyport":     withBench((*bench).anyPort),
			"exits":       withBench((*bench).exits),
			"get":         withBench((*bench).get),
			"signup":      withBench((*bench).signUp),
			"token":       withBench((*bench).token),
			"send":        withBench((*bench).send),
			"mailcode":    withBench((*bench).mailCode),
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
