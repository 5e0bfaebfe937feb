package stack

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"example.com/identityd/internal/audit"
	"example.com/identityd/internal/certs"
	"example.com/identityd/internal/certs/certtest"
	"example.com/identityd/internal/gateway"
	"example.com/identityd/internal/hooks"
	"example.com/identityd/internal/hydra"
	"example.com/identityd/internal/janitor"
	"example.com/identityd/internal/offboard"
	"example.com/identityd/internal/ory"
	"example.com/identityd/internal/outage"
	"example.com/identityd/internal/revoke"
	"example.com/identityd/internal/sealing"
	"example.com/identityd/internal/signout"
	"example.com/identityd/internal/store"
	"example.com/identityd/internal/throttle"
	"example.com/identityd/internal/tracing"
	"example.com/identityd/internal/ui"
)

const (
	metricsPage  = "../../docs/observability.md"
	metricsBegin = "<!-- Written by go test ./internal/stack -run Documentation -update. -->\n"
	metricsEnd   = "<!-- The end of the metrics. -->\n"
)

type noDatabase struct{}

func (noDatabase) Connect(context.Context) (driver.Conn, error) { return nil, errors.New("none") }
func (noDatabase) Driver() driver.Driver                        { return nil }

// everyMetric is a registry with a series of each metric that a process may have, whatever it is set to do.
func everyMetric(t *testing.T) *prometheus.Registry {
	t.Helper()
	m, log := newMetrics("test"), slog.New(slog.DiscardHandler)
	folder := t.TempDir()
	pair := certtest.NewAuthority(t).Issue(t, time.Now().Add(time.Hour), "localhost")
	for name, content := range map[string][]byte{"/c.pem": pair.Cert, "/k.pem": pair.Key} {
		if err := os.WriteFile(folder+name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r, err := certs.Open(folder+"/c.pem", folder+"/k.pem", log)
	if err != nil {
		t.Fatal(err)
	}
	m.watchCertificates(certificates{"gateway": r})
	m.perCall.WithLabelValues("gateway", "ui")
	m.failures.WithLabelValues("gateway", "ui")
	m.events.WithLabelValues("LoginSucceeded")
	m.refused.WithLabelValues("private")
	m.turnedAway.WithLabelValues("gateway", "client")
	m.http.observe("gateway", gateway.Pages, httptest.NewRequest("GET", "/", nil), 200, time.Second)
	m.health.set(nil)
	m.mail.set(map[string]float64{"queued": 0}, time.Time{}, 0)
	m.connections("gateway", func() int { return 0 })
	m.dials(func() float64 { return 0 })
	m.jsonnet(func() int64 { return 0 })
	m.verified(func() hydra.SecretStats { return hydra.SecretStats{} })
	m.ceilings(map[string]func() ory.CeilingStats{"hydra": func() ory.CeilingStats { return ory.CeilingStats{} }})
	m.capacity(gateway.Hydra, outage.NewShedder(1, nil))
	m.revocations(revoke.New(revoke.Config{Log: log}))
	m.signouts(signout.New(signout.Config{Log: log, Rows: &signout.Memory{}}))
	m.offboarding(offboard.New(offboard.Config{Log: log}))
	m.hooks(hooks.New(hooks.Config{Log: log, Rows: &hooks.Memory{}}))
	m.audit(audit.New(audit.Config{Log: log}))
	m.tracing(tracing.New(tracing.Config{Log: log}))
	db := sql.OpenDB(noDatabase{})
	t.Cleanup(func() { db.Close() })
	m.watchPools(func() map[string]*sql.DB { return map[string]*sql.DB{"hydra": db} })
	limiter := &throttling{limiter: throttle.New(throttle.Config{Log: log})}
	m.throttle(func() *throttling { return limiter })
	m.watchLeases(func() map[string]store.LeaseStats { return map[string]store.LeaseStats{"courier": {}} })
	m.watchJanitor()
	m.janitor.set(janitor.LastRun{Began: time.Now(), Ended: time.Now()}, []janitor.TableStatus{{Table: "sessions"}})
	m.watchSecrets()
	m.secrets.serveWith([]sealing.Secret{{Kind: "cookie", Made: time.Now()}})
	m.secrets.set(map[[2]string]sealing.Row{})
	if _, err := ory.NewHTTPMetrics(m.registry, ory.Build{App: "kratos"}); err != nil {
		t.Fatal(err)
	}
	return m.registry
}

// TestTheDocumentationListsAllMetrics holds the table of docs/observability.md against what a process may tell.
func TestTheDocumentationListsAllMetrics(t *testing.T) {
	families, err := everyMetric(t).Gather()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("\n| Metric | Type | Labels | Meaning |\n| --- | --- | --- | --- |\n")
	for _, f := range families {
		if !strings.HasPrefix(f.GetName(), "identityd_") && !strings.HasPrefix(f.GetName(), "go_sql_") && !strings.HasPrefix(f.GetName(), "ory_") {
			continue
		}
		var labels []string
		for _, p := range f.GetMetric()[0].GetLabel() {
			labels = append(labels, "`"+p.GetName()+"`")
		}
		slices.Sort(labels)
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", f.GetName(), strings.ToLower(f.GetType().String()), strings.Join(labels, ", "), f.GetHelp())
	}
	b.WriteString("\n")
	raw, err := os.ReadFile(metricsPage)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(raw), metricsBegin)
	table, after, closed := strings.Cut(rest, metricsEnd)
	if !ok || !closed {
		t.Fatalf("%s has no place for the table of metrics", metricsPage)
	}
	if *update {
		if err := os.WriteFile(metricsPage, []byte(before+metricsBegin+b.String()+metricsEnd+after), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(table, b.String()); diff != "" {
		t.Errorf("the table of %s (-is +should be); go test ./internal/stack -run Documentation -update writes it:\n%s", metricsPage, diff)
	}
}

func TestRoutes(t *testing.T) {
	table := makeRoutes()
	for path, want := range map[string]string{
		"/": "/", "": "/", "/login": "/login", "/login/": "/login", "/login/help": "/login/*", "/oauth2/auth": "/oauth2/auth",
		"/oauth2/auth/x/y": "/oauth2/auth/*", "/admin/identities/0b5a": "/admin/identities/*", "/wp-login.php": other, "/a/b/c": other,
		"no path": other, "*": other, "/account/applications/revoke": "/account/applications/*",
	} {
		if got := table.of(path); got != want {
			t.Errorf("%q: got %q, want %q", path, got, want)
		}
	}
	for _, pattern := range (&ui.UI{}).Routes() {
		_, path, ok := strings.Cut(pattern, " ")
		if !ok {
			continue // whatever else is asked for
		}
		path = strings.ReplaceAll(path, "{$}", "")
		if got := table.of(path); got == other {
			t.Errorf("the page %s has no route of its own: add it, or what it is below of, to makeRoutes", path)
		}
	}
}
