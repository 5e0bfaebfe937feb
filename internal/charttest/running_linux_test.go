package charttest

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"example.com/identityd/internal/pgtest"
)

const origin = "https://id.example.com"

// TestPods runs what the chart renders for PostgreSQL the way a node would: the Job that migrates and two pods, with their volumes,
// environment, user and network, behind an ingress controller, on a real PostgreSQL with the users that bootstrap makes.
func TestPods(t *testing.T) {
	n := newNode(t)
	server := pgtest.Start(t)
	u, err := url.Parse(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	n.hosts["db.example.com"] = u.Host
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := origin + ":" + strconv.Itoa(ln.Addr().(*net.TCPAddr).Port)

	s := named(t, "postgres")
	n.secrets(server, u)
	client := map[string]any{
		"id": "journey", "name": "Journey", "secret_file": "/run/secrets/identityd/app",
		"redirect_uris": []string{"https://app.example.com/callback"}, "post_logout_redirect_uris": []string{"https://app.example.com/out"},
	}
	words := func(m map[string]any) {
		m["origin"] = at
		m["database"].(map[string]any)["url"] = "postgres://db.example.com:5432/?sslmode=disable"
		m["identity"] = map[string]any{"verification": "optional"}
		m["login"] = map[string]any{"first": map[string]any{"password": map[string]any{"breach_check": false}}}
		m["clients"] = []any{client}
	}
	stack := changed(t, stackOf(t, s)["stack.yaml"], words)
	secrets := n.volumes["identityd"]
	configMap := map[string]string{"stack.yaml": stack}

	deployment := s.one(t, "Deployment", "identityd")
	n.configMaps = map[string]map[string]string{"identityd": configMap}
	// With the variables of links too, as if enableServiceLinks were on, and that of the image.
	a := n.start("a", deployment, append(links(), "KUBERNETES_SERVICE_HOST=10.96.0.1")...)
	b := n.start("b", deployment)
	for _, p := range []*pod{a, b} {
		p.until(t, "/health/alive", http.StatusOK)
		p.until(t, "/health/ready", http.StatusServiceUnavailable)
	}
	job := n.start("j", s.kind("Job")[0])
	job.ends(t)
	for _, p := range []*pod{a, b} {
		p.until(t, "/health/ready", http.StatusOK)
		for _, line := range strings.Split(p.out.String(), "\n") {
			if strings.Contains(line, `"level":"WARN"`) && !strings.Contains(line, "migrat") && !strings.Contains(line, "memory limit of the container") { // there is no cgroup in the root
				t.Errorf("%s warns: %s", p.name, line)
			}
		}
	}
	if strings.Contains(a.out.String()+b.out.String()+job.out.String(), secrets["system"]) {
		t.Error("a secret is in the log")
	}

	certificate := ingress(t, ln, a, b)
	journey(t, at, certificate, secrets["app"])
	for _, p := range []*pod{a, b} {
		if p.served.Load() == 0 {
			t.Errorf("%s served nothing", p.name)
		}
		for _, port := range []string{"4445", "4434"} {
			if c, err := net.DialTimeout("tcp", net.JoinHostPort(p.address, port), 5*time.Second); err == nil {
				c.Close()
				t.Errorf("%s: the admin port %s answers outside of the pod", p.name, port)
			}
		}
	}

	// A client more: the ConfigMap changes under both.
	late := map[string]any{"id": "late", "secret_file": "/run/secrets/identityd/app", "grant_types": []string{"client_credentials"}}
	configMap["stack.yaml"] = changed(t, stack, func(m map[string]any) { m["clients"] = append(m["clients"].([]any), late) })
	for _, p := range []*pod{a, b} {
		n.fill(filepath.Join(p.root, "etc/identityd"), "2", configMap, 0o444, 65532)
	}
	for _, p := range []*pod{a, b} {
		p.wait(t, "the client that the ConfigMap brought", func() bool { return p.token(t, at, "late", secrets["app"]) == http.StatusOK })
	}

	// The database goes: nothing is to be restarted.
	server.Stop(pgtest.Fast)
	for _, p := range []*pod{a, b} {
		p.until(t, "/health/ready", http.StatusServiceUnavailable)
		p.until(t, "/health/alive", http.StatusOK)
	}
	server.Start()
	for _, p := range []*pod{a, b} {
		p.until(t, "/health/ready", http.StatusOK)
	}

	// SIGTERM: not ready and still serving, then gone, before the kubelet would kill.
	grace := time.Duration(pods(t, s)["Deployment identityd"].TerminationGracePeriodSeconds) * time.Second
	kill, began := time.After(grace), time.Now()
	for _, p := range []*pod{a, b} {
		if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
	}
	a.until(t, "/health/ready", http.StatusServiceUnavailable)
	// On a machine that is so slow that prestop is over, nothing can be said.
	if got := a.token(t, at, "late", secrets["app"]); got != http.StatusOK && time.Since(began) < 4*time.Second {
		t.Errorf("after SIGTERM and before the end of prestop: got %d, want it served", got)
	}
	for _, p := range []*pod{a, b} {
		select {
		case <-p.done:
			if p.err != nil {
				t.Errorf("%s ended with %v", p.name, p.err)
			}
		case <-kill:
			t.Errorf("%s would be killed after %s", p.name, grace)
		}
	}
}

// secrets are those that docs/install.md makes, with passwords of the users that bootstrap made.
func (n *node) secrets(server *pgtest.Server, u *url.URL) {
	t := n.t
	t.Helper()
	admin, err := url.Parse(server.Role(t, "CREATEDB CREATEROLE"))
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	without := *u
	without.User = nil
	for name, content := range map[string]string{
		"admin-url": admin.String(),
		"boot.yaml": "profile: production\norigin: " + origin + "\ndatabase: {url: \"" + without.String() + "\", hydra: {user: hydra_user}, kratos: {user: kratos_user}}\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), n.binary, "bootstrap", "--config", "boot.yaml", "--admin-url-file", "admin-url", "--password-dir", "passwords") //nolint:gosec // the program
	cmd.Dir = folder
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("bootstrap: %v\n%s", err, out)
	}
	read := func(name string) string { return text(t, filepath.Join(folder, "passwords", name)) }
	n.volumes["identityd"] = map[string]string{
		"system": "q0Zt7LrJkP2sVwXyB4nM9cDfGhA1uE6T", "cookie": "r0Zt7LrJkP2sVwXyB4nM9cDfGhA1uE6T", "cipher": "s0Zt7LrJkP2sVwXyB4nM9cDfGhA1uE6T",
		"smtp": "smtp://127.0.0.1:2525/?disable_starttls=true", "hydra": read("hydra_user"), "kratos": read("kratos_user"), "app": "t0Zt7LrJkP2sVwXyB4nM9cDfGhA1uE6T",
	}
	n.volumes["identityd-migrator"] = map[string]string{"hydra_migrator": read("hydra_migrator"), "kratos_migrator": read("kratos_migrator")}
}

// until asks as a kubelet does, from the node, until the status is what is wanted.
func (p *pod) until(t *testing.T, path string, want int) {
	t.Helper()
	p.wait(t, fmt.Sprintf("%d of %s", want, path), func() bool {
		res, err := p.get(t, "http://"+net.JoinHostPort(p.address, "4437")+path)
		return err == nil && res == want
	})
}

func (p *pod) get(t *testing.T, address string) (int, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode, nil
}

// token asks a pod itself for a token of a client.
func (p *pod) token(t *testing.T, at, id, secret string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+net.JoinHostPort(p.address, "3000")+"/oauth2/token",
		strings.NewReader("grant_type=client_credentials"))
	if err != nil {
		t.Fatal(err)
	}
	req.Host = strings.TrimPrefix(at, "https://")
	req.SetBasicAuth(id, secret)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	defer res.Body.Close()
	return res.StatusCode
}

func (p *pod) wait(t *testing.T, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for end := time.After(bound); !done(); {
		select {
		case <-tick.C:
		case <-p.done:
			t.Fatalf("%s ended, where %s was wanted: %v", p.name, what, p.err)
		case <-end:
			t.Fatalf("%s: no %s", p.name, what)
		}
	}
}

// ends is for a Job.
func (p *pod) ends(t *testing.T) {
	t.Helper()
	select {
	case <-p.done:
		if p.err != nil {
			t.Fatalf("%s: %v", p.name, p.err)
		}
	case <-time.After(bound):
		t.Fatalf("%s does not end", p.name)
	}
}

// ingress ends TLS and gives each request to the next pod; it returns the file of the certificate.
func ingress(t *testing.T, ln net.Listener, to ...*pod) string {
	t.Helper()
	certificate, key := pair(t)
	both, err := tls.X509KeyPair([]byte(certificate), []byte(key))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, []byte(certificate), 0o600); err != nil {
		t.Fatal(err)
	}
	var next atomic.Uint64
	transport := &http.Transport{}
	srv := &http.Server{
		ReadHeaderTimeout: 10 * time.Second, TLSConfig: &tls.Config{Certificates: []tls.Certificate{both}, MinVersion: tls.VersionTLS12},
		Handler: &httputil.ReverseProxy{Transport: transport, Rewrite: func(r *httputil.ProxyRequest) {
			p := to[next.Add(1)%uint64(len(to))]
			p.served.Add(1)
			r.SetURL(&url.URL{Scheme: "http", Host: net.JoinHostPort(p.address, "3000")})
			r.Out.Host = r.In.Host
			r.SetXForwarded()
		}},
	}
	go func() { _ = srv.ServeTLS(ln, "", "") }()
	t.Cleanup(func() {
		srv.Close() //nolint:errcheck // it ends with the test
		transport.CloseIdleConnections()
	})
	return file
}

// journey signs up, signs in at an application, consents, gets tokens, signs out, by the outside client.
func journey(t *testing.T, at, ca, secret string) {
	t.Helper()
	program := filepath.Join(t.TempDir(), "journey")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".")
	build.Dir = "../../journey"
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the client: %v\n%s", err, out)
	}
	where, err := json.Marshal(map[string]string{"ui": at, "hydra": at, "kratos": at})
	if err != nil {
		t.Fatal(err)
	}
	client, err := json.Marshal(map[string]string{
		"client_id": "journey", "client_secret": secret, "client_name": "Journey", "redirect_uri": "https://app.example.com/callback",
		"post_logout_redirect_uri": "https://app.example.com/out",
	})
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), program, "-json", "-addresses", string(where), "-client", string(client), "-parallel", "2", "-ca", ca, "-connect", "127.0.0.1")
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("journey: %v\n%s", err, &stderr)
	}
	if steps := strings.Count(string(out), `"ok": true`); steps < 10 {
		t.Errorf("got %d steps", steps)
	}
}
