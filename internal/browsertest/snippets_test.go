//go:build unix

package browsertest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"example.com/identityd/internal/cli"
	"example.com/identityd/internal/stacktest"
)

// TestTheCodeOfClientCreate makes clients by `identityd client create --kind`, writes the code that it prints with
// --out, runs that code unedited by the commands that are printed, and signs a person in to it.
func TestTheCodeOfClientCreate(t *testing.T) {
	chrome.need(t)
	s := stacktest.Start(t)
	email := newPerson(t, s, "Dorothy")

	t.Run("a page in a browser, by oidc-client-ts", func(t *testing.T) {
		needs(t, "npm")
		app := startCode(t, s, "npm", "spa", "Shop")
		b := openScripted(t, "code-spa")
		b.visit(app.home)
		b.await(`//p[.="Nobody is signed in."]`)
		b.pressText("Sign in")
		b.signIn(email, password)
		b.heading("Shop wants to use your account")
		b.pressText("Allow")
		b.await(`//p[.="Signed in as ` + email + `"]`)
		b.shot("signed-in")
		b.visit(app.home) // the tab is remembered, and the code of before is not sent again
		b.await(`//p[.="Signed in as ` + email + `"]`)
		b.pressText("Sign out")
		b.pressText("Yes, sign out")
		b.await(`//p[.="Nobody is signed in."]`)
	})
	t.Run("a server, by go-oidc", func(t *testing.T) {
		app := startCode(t, s, "go", "web", "Desk")
		signInAndOut(t, app.home, email, "Desk", "Yes, sign out", "Nobody is signed in.")
	})
	t.Run("a program on a person's machine, at a port that nobody registered", func(t *testing.T) {
		app := startCode(t, s, "go", "native", "Notes")
		at := app.awaits(t, regexp.MustCompile(`open (http://\S+)`))
		b := open(t, "code-native")
		b.allow("favicon.ico") // nobody listens any more
		b.visit(at)
		b.signIn(email, password)
		b.pressText("Allow")
		b.shows("You can close this window.")
		if got := app.awaits(t, regexp.MustCompile(`Signed in as (\S+)`)); got != email {
			t.Errorf("the program says %q, want %s", got, email)
		}
	})
	t.Run("a machine, by curl and by Go", func(t *testing.T) {
		needs(t, "curl")
		app := startCode(t, s, "curl", "machine", "Nightly", "--scope", "jobs.run")
		if got := app.awaits(t, regexp.MustCompile(`"token_type":"(\w+)"`)); got != "bearer" {
			t.Errorf("got %q", got)
		}
		app = startCode(t, s, "go", "machine", "Daily", "--scope", "jobs.run", "--snippet", "go")
		if got := app.awaits(t, regexp.MustCompile(`(\w+) token, expires`)); got != "bearer" {
			t.Errorf("got %q", got)
		}
	})
	t.Run("a server, by Auth.js", func(t *testing.T) {
		if os.Getenv("IDENTITYD_TEST_LONG") == "" {
			t.Skip("SKIP: it installs 75 packages; IDENTITYD_TEST_LONG=1 runs it")
		}
		needs(t, "npm")
		app := startCode(t, s, "npm", "web", "Forum", "--snippet", "authjs")
		b := openScripted(t, "code-authjs")
		b.allow("favicon.ico")
		b.allow("authjs.dev") // its page asks there for the logo of a provider
		b.visit(app.home)
		b.pressText("Sign in")
		b.pressText("Sign in with Forum")
		b.signIn(email, password)
		b.heading("Forum wants to use your account")
		b.pressText("Allow")
		b.await(`//p[.="Signed in as ` + email + `"]`)
		b.pressText("Sign out")
	})
}

// signInAndOut is for applications whose pages come from a server.
func signInAndOut(t *testing.T, home, email, name, leave, after string) {
	t.Helper()
	b := open(t, "code-"+name)
	b.visit(home)
	b.pressText("Sign in")
	b.signIn(email, password)
	b.heading(name + " wants to use your account")
	b.pressText("Allow")
	b.shows("Signed in as " + email)
	b.pressText("Sign out")
	b.pressText(leave)
	b.shows(after)
}

func needs(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Skipf("SKIP: there is no %s", program)
	}
}

// code is an application that runs.
type code struct {
	home string
	mu   sync.Mutex
	said bytes.Buffer
	done chan struct{}
}

// Write implements io.Writer.
func (c *code) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.said.Write(p)
}

func (c *code) text() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.said.String()
}

// bound is how long an application may take to be compiled and to begin.
const bound = 3 * time.Minute

// until polls for something.
func (c *code) until(t *testing.T, what string, is func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), bound)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-ctx.Done():
			t.Fatalf("%s: not within %s:\n%s", what, bound, c.text())
		case <-tick.C:
		}
	}
}

// awaits waits for something that the application says.
func (c *code) awaits(t *testing.T, pattern *regexp.Regexp) string {
	t.Helper()
	var found []string
	c.until(t, pattern.String(), func() bool { found = pattern.FindStringSubmatch(c.text()); return found != nil })
	return found[1]
}

// ended reports that the application is not there any more.
func (c *code) ended() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// startCode makes a client and runs its code. A port that was free may be taken a moment later: another one is tried.
func startCode(t *testing.T, s *stacktest.Stack, tool, kind, name string, flags ...string) *code {
	t.Helper()
	for try := 1; ; try++ {
		folder := filepath.Join(t.TempDir(), "app")
		args := append([]string{"client", "create", "--kind", kind, "--endpoint", s.URLs.HydraAdmin, "--out", folder, "--json"}, flags...)
		args, home := append(args, name), ""
		if kind == "spa" || kind == "web" {
			home = "http://localhost:" + freePort(t)
			args = append(args, home)
		}
		var out, problems bytes.Buffer
		if exit := cli.Main(args, &out, &problems); exit != 0 {
			t.Fatalf("identityd %s: exit code %d: %s", strings.Join(args, " "), exit, &problems)
		}
		var made struct {
			Snippet struct{ Commands []string }
		}
		if err := json.Unmarshal(out.Bytes(), &made); err != nil {
			t.Fatalf("%v in %s", err, &out)
		}
		c := runCode(t, folder, tool, made.Snippet.Commands)
		c.home = home
		if home == "" {
			return c
		}
		c.until(t, "listening at "+home, func() bool { return c.ended() || answers(t, home) })
		if !c.ended() {
			return c
		}
		if tool == "npm" && regexp.MustCompile(`ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENOTCACHED|ENETUNREACH`).MatchString(c.text()) {
			if slices.Contains(strings.Split(os.Getenv(requireVariable), ","), "node") {
				t.Fatalf("the registry of npm cannot be asked, and %s asks for it: %.300s", requireVariable, c.text())
			}
			t.Skipf("SKIP: the registry of npm cannot be asked: %.300s", c.text())
		}
		if try == 3 || !regexp.MustCompile(`(?i)in use`).MatchString(c.text()) {
			t.Fatalf("the code of client create --kind %s ended:\n%s", kind, c.text())
		}
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func answers(t *testing.T, home string) bool {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, home, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return false
	}
	res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// runCode runs the commands in the folder, and ends all of it with the test.
func runCode(t *testing.T, folder, tool string, commands []string) *code {
	t.Helper()
	script := strings.Join(commands, " && ")
	if tool == "go" && os.Getenv("IDENTITYD_TEST_LONG") == "" {
		// What go mod tidy finds for the tests of dependencies is of no use here. The versions are those that this
		// module has (internal/snippet), and so are their checksums.
		script = strings.ReplaceAll(script, "go mod tidy", "cp "+sums(t)+" go.sum")
		t.Setenv("GOFLAGS", "-mod=mod")
	}
	c := &code{done: make(chan struct{})}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "sh", "-c", script)
	cmd.Dir, cmd.Stdout, cmd.Stderr = folder, c, c
	cmd.Env = append(os.Environ(), "NO_COLOR=1", "npm_config_audit=false", "npm_config_fund=false", "npm_config_prefer_offline=true")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		if err := cmd.Wait(); err != nil {
			fmt.Fprintln(c, "it ended:", err)
		}
		close(c.done)
	}()
	t.Cleanup(func() {
		// The shell and what it began.
		if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			t.Errorf("ending %s: %v", folder, err)
		}
		<-c.done
	})
	return c
}

// sums is the go.sum of this module.
func sums(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs("../../go.sum")
	if err != nil {
		t.Fatal(err)
	}
	return path
}
