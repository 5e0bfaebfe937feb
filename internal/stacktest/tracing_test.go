package stacktest

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	spans "go.opentelemetry.io/proto/otlp/trace/v1"
)

// TestTracing takes people through sign-ins, and looks at what a collector gets.
func TestTracing(t *testing.T) {
	c := newOTLP(t)
	headers := filepath.Join(t.TempDir(), "headers")
	if err := os.WriteFile(headers, []byte("Authorization: Basic for-the-collector\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	files := withFiles(t, map[string]string{"clients": whyFile + `
- id: jobs
  kind: machine
  secret: jobs-secret-jobs-secret
- id: spa
  kind: spa
  redirect_uris: [https://app.invalid/callback]
`})
	s := StartChanging(t, orStandIn(t), files, Set("tracing.endpoint", c.URL), Set("tracing.sample", "1"), Set("tracing.headers_file", headers))
	a := asker{s.Stack, s.door, map[string]string{}, &answers{by: map[string]asAnswered{}}}
	atHome(t, s.Stack, "ada@example.com")

	secrets := []string{"ada@example.com", password, "not-the-password", "vault-secret-vault-secret", "for-the-collector"}
	t.Run("one sign-in is one story, from the first request to the tokens", func(t *testing.T) {
		b := NewBrowser(t)
		b.Watch(func(res *http.Response) {
			for _, cookie := range res.Cookies() {
				if len(cookie.Value) > 15 {
					secrets = append(secrets, cookie.Value)
				}
			}
			if to, err := res.Location(); err == nil {
				for _, name := range []string{"login_challenge", "consent_challenge", "login_verifier", "consent_verifier", "flow", "code"} {
					if v := to.Query().Get(name); v != "" {
						secrets = append(secrets, v)
					}
				}
			}
		})
		b.Open(s.Begin("vault", "scope", "openid email offline_access"))
		first := a.last(t, "/oauth2/auth")
		b.signIn("ada@example.com")
		code := b.URL.Query().Get("code")
		if code == "" {
			t.Fatalf("got no code at %s", b.URL)
		}
		tokens := redeemCode(t, s.Stack, code)
		secrets = append(secrets, tokens.Refresh, tokens.Access, code)
		token := a.last(t, "/oauth2/token")
		all := c.await(t, "of the token request", func(all []*spans.Span) bool { return ofRequest(all, token) != nil && ofRequest(all, first) != nil })
		begun := ofRequest(all, first)
		story := traceOf(begun)
		if got := spanText(begun, "identityd.sign_in"); got != story {
			t.Errorf("got the sign-in %q of the first request, want its trace %s", got, story)
		}
		parts, listeners := map[string]bool{}, map[string]bool{}
		for _, span := range all {
			if spanText(span, "identityd.sign_in") != story {
				continue
			}
			parts[spanText(span, "identityd.part")], listeners[spanText(span, "identityd.listener")] = true, true
			linked := slices.ContainsFunc(span.Links, func(l *spans.Span_Link) bool {
				return hex.EncodeToString(l.TraceId) == story && bytes.Equal(l.SpanId, begun.SpanId)
			})
			if span != begun && !linked {
				t.Errorf("%s is of the sign-in and not linked to its first request: %v", span.Name, span.Links)
			}
		}
		for _, part := range []string{"hydra", "kratos", "ui"} {
			if !parts[part] {
				t.Errorf("no request of the sign-in was answered by %s; got %v", part, parts)
			}
		}
		if got := spanText(ofRequest(all, token), "identityd.sign_in"); got != story {
			t.Errorf("the request for tokens is of the sign-in %q, want %s", got, story)
		}
		for _, want := range []string{
			"hydra public POST /oauth2/token", "kratos public POST /self-service/login", "ui GET /login", "call hydra admin", "hash.Compare", "COMMIT",
		} {
			if !slices.ContainsFunc(all, func(s *spans.Span) bool { return s.Name == want }) {
				t.Errorf("no span is called %q", want)
			}
		}
		if !slices.ContainsFunc(all, func(s *spans.Span) bool {
			return spanText(s, "db.collection.name") == "hydra_oauth2_code" && spanText(s, "db.system.name") == orCockroach("sqlite") && len(s.ParentSpanId) > 0
		}) {
			t.Error("no span is of the table of codes")
		}
		var inside int
		for _, span := range all {
			if bytes.Equal(span.TraceId, ofRequest(all, token).TraceId) && strings.HasPrefix(span.Name, "SELECT") {
				inside++
			}
		}
		if inside == 0 {
			t.Error("the request for tokens has no statement in its trace")
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		if got := c.headers.Get("Authorization"); got != "Basic for-the-collector" {
			t.Errorf("got Authorization %q", got)
		}
	})
	t.Run("a form that carries the answer ends it too", func(t *testing.T) {
		b, ends := NewBrowser(t), false
		b.Open(s.Begin("vault", "response_mode", "form_post"))
		b.Watch(func(res *http.Response) {
			for _, cookie := range res.Cookies() {
				if strings.Contains(cookie.Name, "identityd_trace") {
					ends = cookie.MaxAge < 0 && res.Request.URL.Path == "/oauth2/auth"
				}
			}
		})
		b.signIn("ada@example.com")
		if b.Page == nil || b.Page.FormWith("form", "code").Fields.Get("code") == "" || !ends {
			t.Errorf("got %d at %s, the cookie was taken away: %t", b.Status, b.URL.Redacted(), ends)
		}
	})
	t.Run("a mail is linked to the request that wanted it", func(t *testing.T) {
		all := c.await(t, "of a mail", func(all []*spans.Span) bool {
			return anySpan(all, func(s *spans.Span) bool { return spanText(s, "identityd.mail") == "sent" && len(s.Links) > 0 }) != nil
		})
		mail := anySpan(all, func(s *spans.Span) bool { return spanText(s, "identityd.mail") == "sent" && len(s.Links) > 0 })
		from := anySpan(all, func(s *spans.Span) bool { return bytes.Equal(s.SpanId, mail.Links[0].SpanId) })
		if from == nil || from.Name != "POST /self-service/registration" || mail.Name != "mail" {
			t.Errorf("%s is linked to %v", mail.Name, from)
		}
	})
	t.Run("the trace of an application goes on at the token endpoint, and its wish is granted when it has proven itself", func(t *testing.T) {
		s.Change(t, Set("tracing.sample", "0"))
		const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
		a.send(t, "traced-app", http.MethodPost, s.URLs.Hydra+"/oauth2/token",
			url.Values{"grant_type": {"client_credentials"}}, func(r *http.Request) {
				r.SetBasicAuth("jobs", "jobs-secret-jobs-secret")
				r.Header.Set("Traceparent", parent)
			})
		a.send(t, "traced-stranger", http.MethodGet, s.URLs.Hydra+"/.well-known/openid-configuration", nil, func(r *http.Request) { r.Header.Set("Traceparent", parent) })
		// The id of an application without a secret is known to everybody.
		a.send(t, "traced-nobody", http.MethodPost, s.URLs.Hydra+"/oauth2/revoke",
			url.Values{"client_id": {"spa"}, "token": {"made-up"}}, func(r *http.Request) { r.Header.Set("Traceparent", parent) })
		for _, id := range []string{"traced-app", "traced-nobody"} {
			if got := a.answers.by[id].status; got != http.StatusOK {
				t.Errorf("%s: got %d, want 200", id, got)
			}
		}
		a.send(t, "traced-admin", http.MethodGet, s.URLs.HydraAdmin+"/admin/clients/vault", nil, func(r *http.Request) { r.Header.Set("Traceparent", parent) })
		all := c.await(t, "of the admin API and of the application", func(all []*spans.Span) bool {
			return ofRequest(all, "traced-admin") != nil && ofRequest(all, "traced-app") != nil
		})
		got := ofRequest(all, "traced-admin")
		if traceOf(got) != "0af7651916cd43dd8448eb211c80319c" || hex.EncodeToString(got.ParentSpanId) != "b7ad6b7169203331" {
			t.Errorf("got trace %s below %x", traceOf(got), got.ParentSpanId)
		}
		if got.Name != "GET /admin/clients/{}" {
			t.Errorf("got the name %q", got.Name)
		}
		for _, id := range []string{"traced-stranger", "traced-nobody"} {
			if ofRequest(all, id) != nil {
				t.Errorf("a stranger's wish to be traced was granted: %s", id)
			}
		}
	})
	t.Run("a sign-in that fails is there from its beginning, although nothing is sampled", func(t *testing.T) {
		b := NewBrowser(t)
		b.Open(s.Begin("vault"))
		begun := a.last(t, "/oauth2/auth")
		page := ""
		b.Watch(func(res *http.Response) { page = res.Header.Get("X-Request-Id") })
		b.Submit(selfService, map[string]string{"identifier": "ada@example.com", "password": "not-the-password", "method": "password"})
		form := a.last(t, "/self-service/login")
		all := c.await(t, "of the refused form", func(all []*spans.Span) bool {
			return ofRequest(all, begun) != nil && ofRequest(all, form) != nil && ofRequest(all, page) != nil
		})
		story := traceOf(ofRequest(all, begun))
		if got := ofRequest(all, page); spanText(got, "identityd.sign_in") != story || !strings.Contains(spanText(got, "identityd.cause"), "kratos:4000006") {
			t.Errorf("got %v", got)
		}
		answer := a.why(t, form, "wrong_password")
		if answer.Story != story {
			t.Errorf("why says the sign-in %q, want %s", answer.Story, story)
		}
	})
	t.Run("what goes well is not there without a share", func(t *testing.T) {
		a.send(t, "well", http.MethodGet, s.URLs.UI+"/login", nil, func(r *http.Request) { r.Header.Set("Accept", "text/html") })
		a.send(t, "badly", http.MethodGet, s.URLs.Hydra+"/oauth2/auth?client_id=nobody", nil, nil)
		all := c.await(t, "of a failure", func(all []*spans.Span) bool { return ofRequest(all, "badly") != nil })
		if ofRequest(all, "well") != nil {
			t.Error("a request that went well was sent with a share of 0")
		}
	})
	t.Run("a collector that hangs or refuses costs no request anything, and is told of once", func(t *testing.T) {
		s.Change(t, Set("tracing.sample", "1"))
		hold := make(chan struct{})
		c.mu.Lock()
		c.hold, c.refuse = hold, true
		before := c.asked
		c.mu.Unlock()
		b := NewBrowser(t)
		for c.calls() == before { // requests are answered while the collector holds what it got
			b.Open(s.URLs.UI + "/login")
			if b.Status != http.StatusOK {
				t.Fatalf("got %d", b.Status)
			}
		}
		for range 20 {
			b.Open(s.URLs.UI + "/login")
			if b.Status != http.StatusOK {
				t.Fatalf("got %d", b.Status)
			}
		}
		close(hold)
		c.mu.Lock()
		c.hold = nil
		c.mu.Unlock()
		for at := c.calls(); c.calls() < at+2; {
			b.Open(s.URLs.UI + "/login")
		}
		if n := strings.Count(s.Log.String(), "the collector does not take spans"); n != 1 {
			t.Errorf("got %d lines, want 1", n)
		}
		c.mu.Lock()
		c.refuse = false
		c.mu.Unlock()
	})
	t.Run("a reload turns it off and on", func(t *testing.T) {
		s.Change(t, Set("tracing.endpoint", ""))
		b := NewBrowser(t)
		b.Watch(func(res *http.Response) {
			for _, cookie := range res.Cookies() {
				if strings.Contains(cookie.Name, "identityd_trace") {
					t.Error("the cookie of traces is set although tracing is off")
				}
			}
		})
		b.Open(s.URLs.UI + "/login")
		off := a.last(t, "/login")
		if line := accessLine(t, s.Stack, off); line["trace_id"] != nil || line["story"] != nil {
			t.Errorf("got %v", line)
		}
		s.Change(t, Set("tracing.endpoint", c.URL))
		NewBrowser(t).Open(s.URLs.UI + "/login")
		on := a.last(t, "/login")
		c.await(t, "of the request after the reload", func(all []*spans.Span) bool { return ofRequest(all, on) != nil })
		if ofRequest(c.all(), off) != nil {
			t.Error("a request was traced while tracing was off")
		}
	})
	t.Run("nothing secret leaves", func(t *testing.T) {
		c.mu.Lock()
		defer c.mu.Unlock()
		if len(secrets) < 15 || c.raw.Len() < 10_000 {
			t.Fatalf("got %d secrets in %d bytes, which proves nothing", len(secrets), c.raw.Len())
		}
		for _, secret := range secrets {
			if secret != "" && bytes.Contains(c.raw.Bytes(), []byte(secret)) {
				t.Errorf("%q is in a span", secret)
			}
		}
	})
}

// TestSpansOfTheEnd has a request that ends while the process does. Spans wait for an hour, unless the end sends them.
func TestSpansOfTheEnd(t *testing.T) {
	c := newOTLP(t)
	s := Start(t, orStandIn(t), Set("tracing.endpoint", c.URL), Set("tracing.sample", "1"), Without("patience with spans"))
	before := s.Accepted.On(s.Address("gateway"))
	conn, err := net.Dial("tcp", s.Address("gateway"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	const form = "grant_type=client_credentials"
	fmt.Fprintf(conn, "POST /oauth2/token HTTP/1.1\r\nHost: %s\r\nX-Request-Id: the-last\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s",
		s.Address("gateway"), len(form), form[:10])
	for deadline := time.Now().Add(30 * time.Second); s.Accepted.On(s.Address("gateway")) == before; <-time.After(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the connection is not accepted")
		}
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Stop() }()
	for deadline := time.Now().Add(30 * time.Second); !strings.Contains(s.Log.String(), "draining listeners"); <-time.After(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the listeners do not drain")
		}
	}
	fmt.Fprint(conn, form[10:])
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if got := ofRequest(c.all(), "the-last"); got == nil || spanText(got, "identityd.error_code") != res.Header.Get("X-Error-Code") {
		t.Errorf("got %v of the last request, which was answered %d", got, res.StatusCode)
	}
}

func (c *otlp) calls() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.asked
}

// accessLine is the line of a request, which may be written after its answer.
func accessLine(t *testing.T, s *Stack, id string) map[string]any {
	t.Helper()
	lines := linesOf(t, s, id)
	if len(lines) == 0 {
		t.Fatalf("no line is of the request %s", id)
	}
	return lines[0]
}
