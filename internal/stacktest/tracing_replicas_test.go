package stacktest

import (
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"

	spans "go.opentelemetry.io/proto/otlp/trace/v1"

	"example.com/identityd/internal/control"
	"example.com/identityd/internal/faulttest"
	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/why"
)

// TestTracesOverReplicas has one sign-in over two processes, and then takes their database away.
func TestTracesOverReplicas(t *testing.T) {
	server := pgtest.Shared(t)
	proxy := faulttest.Start(t, server.URL())
	c, public := newOTLP(t), Ports(t, 3)
	at := func(ln net.Listener) string { return "http://localhost:" + strconv.Itoa(ln.Addr().(*net.TCPAddr).Port) }
	folder := t.TempDir()
	opts := append(onPostgres(t, server), withFiles(t, map[string]string{"clients": whyFile}), Set("data_dir", folder), Set("database.url", itsURL(proxy.URL())),
		Set("urls.ui", at(public[0])), Set("urls.hydra", at(public[1])), Set("urls.kratos", at(public[2])),
		Set("tracing.endpoint", c.URL), Set("tracing.sample", "1"))
	first, second := Start(t, opts...), Start(t, opts...)
	for i, name := range []string{"ui", "hydra_public", "kratos_public"} {
		Proxy(t, public[i], Authority{}, "http://"+first.Address(name), "http://"+second.Address(name))
	}
	atHome(t, first, "ada@example.com")
	b := NewBrowser(t)
	b.Open(first.Begin("vault", "scope", "openid email offline_access"))
	b.signIn("ada@example.com")
	code := b.URL.Query().Get("code")
	if code == "" {
		t.Fatalf("got no code at %s", b.URL)
	}
	if tokens := redeemCode(t, first, code); tokens.Access == "" {
		t.Fatalf("got %+v", tokens)
	}
	isToken := func(s *spans.Span) bool { return s.Name == "POST /oauth2/token" && len(s.Links) == 1 }
	all := c.await(t, "of the tokens, linked to the sign-in", func(all []*spans.Span) bool { return anySpan(all, isToken) != nil })
	story := spanText(anySpan(all, isToken), "identityd.sign_in")
	seen := map[string]int{}
	c.await(t, "of the sign-in, from both processes", func(all []*spans.Span) bool {
		clear(seen)
		for _, s := range all {
			if spanText(s, "identityd.sign_in") == story {
				seen[c.instance(s)]++
			}
		}
		return len(seen) == 2
	})
	system := orCockroach("postgresql")
	if anySpan(all, func(s *spans.Span) bool {
		return spanText(s, "db.system.name") == system && s.Name == "SELECT hydra_oauth2_code"
	}) == nil {
		t.Errorf("no span is of the code in %s", system)
	}

	door, err := control.Dial(folder)
	if err != nil {
		t.Fatal(err)
	}
	a := asker{first, door, map[string]string{}, &answers{by: map[string]asAnswered{}}}
	mend := proxy.Cut()
	defer mend()
	a.send(t, "no-database", http.MethodGet, strings.Replace("http://"+first.Address("kratos_public"), "127.0.0.1", "localhost", 1)+"/self-service/login/api", nil, nil)
	all = c.await(t, "of the request without a database", func(all []*spans.Span) bool { return ofRequest(all, "no-database") != nil })
	got := ofRequest(all, "no-database")
	if spanText(got, "error.type") != "database" || got.Status.GetCode() != spans.Status_STATUS_CODE_ERROR {
		t.Errorf("got %v", got)
	}
	if answer := a.ask(t, "no-database"); answer.Outcome != why.OutcomeFailed || answer.At != "no-database" {
		t.Errorf("why says %+v", answer)
	}
	told := refusedIn(t, func(b *Browser) {
		b.Open(strings.Replace(first.Begin("vault"), first.URLs.Hydra, strings.Replace("http://"+first.Address("hydra_public"), "127.0.0.1", "localhost", 1), 1))
	})
	all = c.await(t, "of the page without a database", func(all []*spans.Span) bool { return ofRequest(all, told.id) != nil })
	line, span, answer := linesOf(t, first, told.id), ofRequest(all, told.id), a.why(t, told.id, "database_failed")
	if told.code != "database_failed" || answer.Cause != told.code || line[0]["error_code"] != told.code || spanText(span, "identityd.error_code") != told.code ||
		line[0]["trace_id"] != traceOf(span) || !strings.Contains(told.page, told.code) {
		t.Errorf("got %q on the page, %q by why, %v in the log, %v in the trace: %s", told.code, answer.Cause, line[0], span, told.page)
	}
	for _, step := range answer.Steps {
		if len(step.Events) > 0 {
			t.Errorf("the trail is told of a failure of the service, which decided about nobody: %+v", step.Events)
		}
	}
	if line := accessLine(t, first, "no-database"); line["trace_id"] != traceOf(got) || line["sql_failure"] == nil {
		t.Errorf("got the line %v", line)
	}
}

func anySpan(all []*spans.Span, is func(*spans.Span) bool) *spans.Span {
	for _, s := range all {
		if is(s) {
			return s
		}
	}
	return nil
}
