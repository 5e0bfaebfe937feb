package stacktest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// frontProxy is a reverse proxy that is run with a configuration of deploy/forward-auth.
type frontProxy struct {
	program, file string
	// fit makes the configuration one of the test: addresses, and no certificate.
	fit func(text, dir, identityd, application, at string) string
	// args start it in the foreground, with the configuration in dir.
	args func(dir string) []string
}

func frontProxies() map[string]frontProxy {
	addresses := func(text, identityd, application string) string {
		return strings.NewReplacer("127.0.0.1:3000", identityd, "127.0.0.1:8080", application, "app.example.com", "app.example.test").Replace(text)
	}
	return map[string]frontProxy{
		"nginx": {
			program: "nginx", file: "nginx.conf",
			fit: func(text, dir, identityd, application, at string) string {
				var lines []string
				for line := range strings.Lines(addresses(text, identityd, application)) {
					if !strings.Contains(line, "ssl_certificate") {
						lines = append(lines, strings.Replace(line, "listen 443 ssl;", "listen "+at+";", 1))
					}
				}
				var temps string
				for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
					temps += kind + "_temp_path " + filepath.Join(dir, kind) + ";\n"
				}
				return "daemon off;\nmaster_process off;\npid " + filepath.Join(dir, "pid") + ";\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n" +
					temps + strings.Join(lines, "") + "}\n"
			},
			args: func(dir string) []string {
				return []string{"-p", dir, "-e", "stderr", "-c", filepath.Join(dir, "nginx.conf")}
			},
		},
		"caddy": {
			program: "caddy", file: "Caddyfile",
			fit: func(text, _, identityd, application, at string) string {
				// On a socket Caddy knows no client, and says nothing of what was asked for.
				host, port, _ := net.SplitHostPort(at)
				text = strings.Replace(addresses(text, identityd, application), "app.example.test {", "http://app.example.test:"+port+" {\n\tbind "+host, 1)
				return "{\n\tadmin off\n\tauto_https off\n}\n" + text
			},
			args: func(dir string) []string {
				return []string{"run", "--adapter", "caddyfile", "--config", filepath.Join(dir, "Caddyfile")}
			},
		},
	}
}

// serve runs the proxy until the test ends, and returns its address. It skips where the program is not installed,
// unless IDENTITYD_TEST_REQUIRE asks for it.
func (p frontProxy) serve(t *testing.T, identityd, application string) string {
	t.Helper()
	program, err := exec.LookPath(p.program)
	if err != nil {
		if slices.Contains(strings.Split(os.Getenv("IDENTITYD_TEST_REQUIRE"), ","), p.program) {
			t.Fatalf("%v (IDENTITYD_TEST_REQUIRE asks for it)", err)
		}
		t.Skipf("SKIP: %s is not installed", p.program)
	}
	if runtime.GOOS != "linux" {
		t.Skip("SKIP: all of 127.0.0.0/8 is this machine's on Linux alone")
	}
	// These programs cannot say which port they were given: an address of the test's own has every port free.
	own := make([]byte, 2)
	_, _ = rand.Read(own)
	at := fmt.Sprintf("127.83.%d.%d:8443", own[0], own[1])
	dir := t.TempDir()
	text, err := os.ReadFile(filepath.Join("..", "..", "deploy", "forward-auth", p.file))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, p.file), []byte(p.fit(string(text), dir, identityd, application, at)), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cmd := exec.CommandContext(ctx, program, p.args(dir)...)
	cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir)
	var out Log
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // it is killed
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
		if t.Failed() {
			t.Logf("%s said:\n%s", p.program, out.String())
		}
	})
	bound := time.After(time.Minute)
	for tick := time.NewTicker(20 * time.Millisecond); ; {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", at)
		if err == nil {
			conn.Close()
			tick.Stop()
			return at
		}
		select {
		case <-tick.C:
		case <-ended:
			t.Fatalf("%s ended:\n%s", p.program, out.String())
		case <-bound:
			t.Fatalf("%s does not listen:\n%s", p.program, out.String())
		}
	}
}

// behind makes the browser reach hosts that no name server knows, at where they are.
func (b *Browser) behind(hosts map[string]string) {
	b.client.Transport.(*http.Transport).DialContext = func(ctx context.Context, _, address string) (net.Conn, error) {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		if at, named := hosts[host]; named {
			address = at
		}
		return (&net.Dialer{}).DialContext(ctx, "tcp", address)
	}
}
