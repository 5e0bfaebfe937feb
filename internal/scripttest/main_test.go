package scripttest

import (
	"errors"
	"flag"
	"net"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write what the scripts compare with anew")

// TestMain gives the scripts a program to run.
func TestMain(m *testing.M) {
	// Stacks at once: two cores, and other packages beside.
	fail(flag.Set("test.parallel", "2"))
	Main(m)
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
			"serve":   withBench((*bench).serve),
			"end":     withBench((*bench).end),
			"json":    jsonCommand,
			"set":     setCommand,
			"signal":  withBench((*bench).signal),
			"logged":  withBench((*bench).logged),
			"anyport": withBench((*bench).anyPort),
			"exits":   withBench((*bench).exits),
			"get":     withBench((*bench).get),
			"signup":  withBench((*bench).signUp),
			"signin": func(ts *testscript.TestScript, neg bool, args []string) {
				ts.Value(benchKey{}).(*bench).signIn(ts, neg, args)
			},
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
			"receiver":    withBench((*bench).receiver),
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
