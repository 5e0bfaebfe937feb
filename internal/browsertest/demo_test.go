package browsertest

import (
	"bytes"
	"context"
	"regexp"
	"strings"
	"sync"
	"testing"

	"example.com/identityd/internal/demo"
	"example.com/identityd/internal/stacktest"
)

// startDemo runs the demo as `identityd demo` does and returns the address it tells people to open.
func startDemo(t *testing.T, s *stacktest.Stack) string {
	t.Helper()
	out := &told{opened: make(chan string, 1)}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() {
		done <- demo.Run(ctx, demo.Config{
			Issuer: s.URLs.Hydra, AdminURL: s.URLs.HydraAdmin, Listen: "localhost:0", Out: out,
		})
	}()
	t.Cleanup(cancel)
	select {
	case at := <-out.opened:
		t.Cleanup(func() {
			cancel()
			if err := <-done; err != nil {
				t.Errorf("stopping the demo: %v", err)
			}
		})
		return at
	case err := <-done:
		t.Fatalf("the demo ended while starting: %v", err)
		return ""
	}
}

// told finds the address in what the demo prints.
type told struct {
	opened chan string
	mu     sync.Mutex
	buf    bytes.Buffer
}

// Write implements io.Writer.
func (w *told) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.buf.Write(p)
	if found := regexp.MustCompile(`open\s+(http://\S+)\s`).FindSubmatch(w.buf.Bytes()); found != nil {
		select {
		case w.opened <- string(found[1]):
		default:
		}
	}
	return len(p), nil
}

func showDemo(t *testing.T, s *stacktest.Stack) {
	email := newPerson(t, s, "Florence")
	at := startDemo(t, s)
	b := open(t, "demo")
	b.visit(at)
	b.heading("An application that signs you in with identityd")
	b.shot("start")
	b.pressText("Sign in with identityd")
	b.signIn(email, password)
	b.shot("consent")
	b.pressText("Allow")
	b.heading("You are signed in")
	b.shot("tokens")
	if got := b.text("#claims"); !strings.Contains(got, `"email": "`+email+`"`) {
		t.Errorf("got the ID token\n%s\nwant the address %s in it", got, email)
	}
	if b.has(`//ul[@class="checks"]/li[@class="bad"]`) {
		t.Error("the demo says that a check of the ID token failed")
	}

	before := b.text("#refresh-token")
	b.pressText("Refresh the tokens")
	if got := b.text("#used-token"); got != before {
		t.Error("the refresh token that was used is not the one from the sign-in")
	}
	if b.text("#refresh-token") == before {
		t.Error("the refresh brought no new refresh token")
	}
	b.shot("refreshed")
	b.press("#introspection button")
	if got := b.text("#introspection .note"); got != "The access token is active." {
		t.Errorf("introspection says %q before the revocation", got)
	}
	b.press("#revocation button")
	b.press("#introspection button")
	if got := b.text("#introspection .note"); !strings.Contains(got, "not active") {
		t.Errorf("introspection says %q after the revocation", got)
	}
	b.shot("revoked")

	b.press("#sign-out button")
	b.shot("sign-out")
	b.pressText("Yes, sign out")
	b.heading("You are signed out")
	b.shot("signed-out")
	b.visit(at + "/tokens")
	b.heading("An application that signs you in with identityd")
}
