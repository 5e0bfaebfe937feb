package main

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"example.com/identityd/internal/scripttest"
	"example.com/identityd/internal/tried"
)

// target is what is asked for on one listener: something its engine has to be there for.
type target struct {
	listener, path string
	status         int
	addresses      []string
}

func targets(t *testing.T, p *scripttest.Process) []target {
	t.Helper()
	list := []target{
		{listener: "gateway", path: "/", status: http.StatusOK},
		{listener: "gateway", path: "/sessions/whoami", status: http.StatusUnauthorized},
		{listener: "hydra_public", path: "/.well-known/openid-configuration", status: http.StatusOK},
		{listener: "hydra_admin", path: "/admin/clients", status: http.StatusOK},
		{listener: "kratos_public", path: "/sessions/whoami", status: http.StatusUnauthorized},
		{listener: "kratos_admin", path: "/admin/identities", status: http.StatusOK},
		{listener: "ops", path: "/version", status: http.StatusOK},
	}
	addresses := p.Addresses()
	for i := range list {
		list[i].addresses = addresses[list[i].listener]
		if len(list[i].addresses) == 0 {
			t.Fatalf("no address of %s in the log:\n%s", list[i].listener, p.Said())
		}
	}
	return list
}

// The load around the signal. What is begun before it ends up to finishBound after it, which is
// beyond the prestop, when the listeners are closed.
const (
	inFlight    = 200
	latecomers  = 42
	prestop     = 2 * time.Second
	finishBound = 2500 * time.Millisecond
	slowBound   = 3 * time.Second
)

func TestSIGTERMLosesNoRequestWhoseFirstByteWasRead(t *testing.T) {
	dir := t.TempDir()
	environ := append(scripttest.AnyPort(), "PATH="+os.Getenv("PATH"), "GORACE="+os.Getenv("GORACE"))
	p, err := scripttest.Start(dir, "identityd", environ, []string{
		"serve", "--set", "shutdown.prestop=" + prestop.String(), "--set", "logging.level=debug",
		// A busy machine must not decide which requests are answered.
		"--set", "shutdown.drain=1m",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	if err := p.Await("ready", func() bool { return p.Logs("ready") }); err != nil {
		t.Fatal(err)
	}
	all := targets(t, p)

	var begun []*request
	for i := range inFlight {
		r := newRequest(all[i%len(all)], fmt.Sprintf("begun-%d", i), i/len(all)/2)
		begun = append(begun, r)
		// Half of the connections have an answer behind them, the others are new.
		if i/len(all)%2 == 0 {
			r.keep()
		}
	}
	slow := newSlowRequest(all[1])
	for _, r := range append(begun, slow) {
		r.begin()
	}
	probes := startProbes(all)

	signaled := time.Now()
	if err := p.Cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	var finishing sync.WaitGroup
	for i, r := range begun {
		finishing.Go(func() { r.finish(signaled.Add(finishBound * time.Duration(i) / inFlight)) })
	}
	finishing.Go(func() { slow.dribble(signaled, slowBound) })
	late := make([]*request, latecomers)
	for i := range late {
		finishing.Go(func() {
			// Begun while the process already says that it is not ready, and ended after the prestop.
			until(signaled.Add(prestop / 4 * time.Duration(i) / latecomers))
			late[i] = newRequest(all[i%len(all)], fmt.Sprintf("late-%d", i), i/len(all))
			late[i].begin()
			late[i].finish(signaled.Add(finishBound))
		})
	}
	finishing.Wait()
	probes.wait()

	code, err := p.Wait(scripttest.StopBound)
	if err != nil {
		t.Fatal(err)
	}
	if code != 0 {
		t.Errorf("got exit code %d, want 0:\n%s", code, p.Said())
	}
	// Those that this test began too late itself, on a machine too busy, prove nothing.
	late = slices.DeleteFunc(late, func(r *request) bool { return r.began.After(signaled.Add(prestop * 3 / 4)) })
	if len(late) == 0 {
		t.Error("no request was begun during the prestop")
	}
	for _, r := range slices.Concat(begun, late, []*request{slow}) {
		if r.err != nil {
			t.Errorf("%s: %v", r, r.err)
		} else if r.got != r.target.status {
			t.Errorf("%s: got status %d, want %d", r, r.got, r.target.status)
		}
	}
	if took := slow.ended.Sub(signaled); slow.err == nil && took < slowBound {
		t.Errorf("the slow request was over %s after the signal, want at least %s", took, slowBound)
	}
	checkProbes(t, p, probes, signaled)
	lost := 0
	for _, r := range slices.Concat(begun, late, []*request{slow}) {
		if r.err != nil || r.got != r.target.status {
			lost++
		}
	}
	tried.Report(t, "SIGTERM under load (fault 10): requests begun before it, during the prestop, and one of three seconds",
		"%d begun, %d lost, %d probes, not ready %s after the signal, exit code %d", len(begun)+len(late)+1, lost, len(probes.asked()),
		probes.unready().Sub(signaled).Round(time.Millisecond), code)
	if p.Logs("connections cut off at the end of the drain time") {
		t.Error("connections were cut off")
	}
}

// checkProbes: a connection may be refused once readiness said so, and not before; what was given to
// a handler was answered.
func checkProbes(t *testing.T, p *scripttest.Process, probes *probes, signaled time.Time) {
	t.Helper()
	unready := probes.unready()
	if unready.IsZero() {
		t.Fatal("readiness never said 503")
	}
	if !unready.Before(signaled.Add(prestop)) {
		t.Errorf("readiness said 503 only %s after the signal, want it during the prestop", unready.Sub(signaled))
	}
	handled := map[string]bool{}
	for _, l := range p.Log() {
		if l.Message == "request" {
			handled[l.RequestID] = true
		}
	}
	for _, r := range probes.asked() {
		at := fmt.Sprintf("%s, %s after the signal", r, r.began.Sub(signaled))
		switch {
		case r.err == nil && r.got != r.target.status && r.target.path != readyPath:
			t.Errorf("%s: got status %d, want %d", at, r.got, r.target.status)
		case r.err == nil && !handled[r.id]:
			t.Errorf("%s: answered, but not in the log", at)
		case r.err != nil && r.kept:
			t.Errorf("%s: a kept connection ended without a word: %v", at, r.err)
		case r.err != nil && !r.began.After(unready):
			t.Errorf("%s: refused before readiness said so: %v", at, r.err)
		case r.err != nil && handled[r.id]:
			t.Errorf("%s: handled and not answered: %v", at, r.err)
		}
	}
	for listener, n := range probes.answered(unready) {
		if n == 0 {
			t.Errorf("%s answered nothing after readiness said 503", listener)
		}
	}
	if !strings.Contains(p.Said(), "listeners drained") {
		t.Error("the log does not say that the listeners are drained")
	}
}
