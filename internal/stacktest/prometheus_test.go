package stacktest

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const monitoring = "../../deploy/monitoring"

// prometheusTool finds a program of Debian's package prometheus.
func prometheusTool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if slices.Contains(strings.Split(os.Getenv("IDENTITYD_TEST_REQUIRE"), ","), "prometheus") {
		t.Fatalf("%v (IDENTITYD_TEST_REQUIRE asks for it)", err)
	}
	t.Skipf("SKIP: %v (apt-get install prometheus)", err)
	return ""
}

// promServer is a real one, with the example of deploy/monitoring for its configuration.
type promServer struct{ address string }

func startPrometheus(t *testing.T, s *Stack) *promServer {
	t.Helper()
	program := ""
	if _, err := exec.LookPath("prometheus"); err == nil {
		program = prometheusTool(t, "prometheus")
	} else {
		return nil // the subtest says so
	}
	dir := t.TempDir()
	ops, err := url.Parse(s.URLs.Ops)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"prometheus.yml", "identityd.rules.yaml"} {
		raw, err := os.ReadFile(filepath.Join(monitoring, name))
		if err != nil {
			t.Fatal(err)
		}
		text := strings.NewReplacer("127.0.0.1:4437", ops.Host, "_interval: 15s", "_interval: 1s").Replace(string(raw))
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	cmd := exec.CommandContext(ctx, program, "--config.file="+filepath.Join(dir, "prometheus.yml"), "--storage.tsdb.path="+filepath.Join(dir, "data"),
		"--web.listen-address=127.0.0.1:0", "--log.format=json")
	log := &listening{found: make(chan string, 1)}
	cmd.Stderr, cmd.Cancel, cmd.WaitDelay = log, func() error { return cmd.Process.Signal(os.Interrupt) }, 10*time.Second
	if err := cmd.Start(); err != nil {
		cancel()
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); _ = cmd.Wait() })
	select {
	case address := <-log.found:
		p := &promServer{"http://" + address}
		until(t, "prometheus is ready", func() bool {
			status, _ := fetch(t, http.DefaultClient, http.MethodGet, p.address+"/-/ready", "")
			return status == http.StatusOK
		})
		return p
	case <-time.After(time.Minute):
		t.Fatalf("prometheus does not listen:\n%s", log.text())
		return nil
	}
}

// listening keeps what Prometheus logs, and finds the address in it.
type listening struct {
	mu    sync.Mutex
	all   strings.Builder
	done  bool
	found chan string
}

// Write implements io.Writer.
func (l *listening) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all.Write(p)
	if m := regexp.MustCompile(`"address":"(127\.0\.0\.1:[1-9][0-9]*)"`).FindStringSubmatch(l.all.String()); m != nil && !l.done {
		l.done = true
		l.found <- m[1]
	}
	return len(p), nil
}

func (l *listening) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

// get asks the HTTP API and fails unless it says success.
func (p *promServer) get(t *testing.T, path string, query url.Values, into any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.address+path+"?"+query.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	var out struct {
		Status, Error string
		Data          json.RawMessage
	}
	if err := json.Unmarshal(raw, &out); err != nil || out.Status != "success" {
		t.Errorf("%s %s: %s %s", path, query.Get("query"), out.Error, raw[:min(len(raw), 200)])
		return
	}
	if err := json.Unmarshal(out.Data, into); err != nil {
		t.Fatal(err)
	}
}

// query returns how many results an expression has.
func (p *promServer) query(t *testing.T, expr string) int {
	t.Helper()
	var out struct{ Result []json.RawMessage }
	p.get(t, "/api/v1/query", url.Values{"query": {expr}}, &out)
	return len(out.Result)
}

// awaits asks until an expression has a result.
func (p *promServer) awaits(t *testing.T, expr string) {
	t.Helper()
	if p == nil {
		return
	}
	until(t, expr+" has a result", func() bool { return p.query(t, expr) > 0 })
}

// holds evaluates whatever the dashboard and the rules ask, after people signed in.
func (p *promServer) holds(t *testing.T, samples []sample) {
	t.Helper()
	if p == nil {
		prometheusTool(t, "prometheus")
	}
	there := map[string]bool{"up": true}
	for _, s := range samples {
		there[s.name] = true
	}
	// A scrape after the sign-ins, and an evaluation of the rules over it.
	p.awaits(t, `rate(identityd_sign_ins_total{stage="tokens"}[5m]) > 0`)
	p.awaits(t, `identityd:http_requests:rate5m > 0`)

	var rules struct {
		Groups []struct {
			Rules []struct{ Name, Query, Health, LastError, Type string }
		}
	}
	p.get(t, "/api/v1/rules", url.Values{}, &rules)
	alerts := 0
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			if r.Type == "recording" {
				there[r.Name] = true
			}
		}
	}
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			if r.Type == "alerting" {
				alerts++
			}
			if r.Health == "err" || r.LastError != "" {
				t.Errorf("the rule %s: %s", r.Name, r.LastError)
			}
			p.query(t, r.Query)
			holdNames(t, r.Name, r.Query, there)
		}
	}
	queries := 0
	d := readDashboard(t)
	for _, q := range d.queries() {
		queries++
		holdNames(t, q.panel, q.expr, there)
		if results := p.query(t, q.expr); results == 0 && !mayBeEmpty(q.expr) {
			t.Errorf("the panel %q has no data after sign-ins: %s", q.panel, q.expr)
		}
	}
	if alerts < 30 || queries < 40 {
		t.Errorf("got %d alerts and %d queries, want all: the test shows nothing", alerts, queries)
	}
	t.Logf("%d queries of the dashboard and %d alerts were answered by Prometheus", queries, alerts)
}

// mayBeEmpty are what shows something only where something is wrong or set up: comparisons, certificates, the janitor
// before its first run.
func mayBeEmpty(expr string) bool {
	return strings.Contains(expr, "> 0") || strings.Contains(expr, "tls_certificate") || strings.Contains(expr, "identityd_janitor") ||
		strings.Contains(expr, "sql_failed_requests") || strings.Contains(expr, "connections_refused")
}

// holdNames holds the metrics of an expression against those that there are.
func holdNames(t *testing.T, where, expr string, there map[string]bool) {
	t.Helper()
	for _, name := range regexp.MustCompile(`\b((?:identityd|go|process|http|ory)[_:][a-zA-Z0-9_:]+)`).FindAllString(regexp.MustCompile(`"[^"]*"`).ReplaceAllString(expr, `""`), -1) {
		if !there[name] && !conditional(name) {
			t.Errorf("%s asks for %s, which no process tells", where, name)
		}
	}
}

// conditional are metrics that a stack has once something was set up or happened. That they are metrics at all is
// held against the table of docs/observability.md.
func conditional(name string) bool {
	raw, err := os.ReadFile("../../docs/observability.md")
	return err == nil && strings.Contains(string(raw), "| `"+strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, "_bucket"), "_sum"), "_count")+"` |")
}
