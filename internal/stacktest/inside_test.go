package stacktest

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"example.com/identityd/internal/discreet"
	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/tried"
)

// deadProvider is a service to sign in with that nobody serves.
const deadProvider = "- {id: dead, preset: oidc, name: Dead, client_id: a, client_secret: abcdefgh, issuer: \"http://127.0.0.1:1/\"}\n"

// broken starts a stack and takes a table away from each engine behind its back: an error of the database that
// is no outage, so that nothing of ours makes 503 of it.
func broken(t *testing.T, opts ...Option) (*Stack, *pgtest.Server, string) {
	t.Helper()
	server := pgtest.Start(t)
	d := newDatabases(t, server)
	s := d.start(t, append(opts, withFiles(t, map[string]string{"clients": vaultFile, "login_providers": deadProvider}))...)
	ada(t, s)
	flow := bare(t, http.MethodGet, s.URLs.Kratos+"/self-service/login/api")
	_, rest, _ := strings.Cut(flow.body, `"id":"`)
	id, _, _ := strings.Cut(rest, `"`)
	for name, tables := range map[string][]string{
		d.kratos: {"sessions", "selfservice_registration_flows", "selfservice_recovery_flows", "identity_credentials"},
		d.hydra:  {"hydra_oauth2_flow", "hydra_oauth2_code", "hydra_oauth2_access"},
	} {
		conn, err := pgx.Connect(t.Context(), server.DatabaseURL(name))
		if err != nil {
			t.Fatal(err)
		}
		for _, table := range tables {
			if _, err := conn.Exec(t.Context(), "ALTER TABLE "+table+" RENAME TO gone_"+table); err != nil {
				t.Fatal(err)
			}
		}
		if err := conn.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return s, server, id
}

// provoked asks everything of the public listeners, in ways that need what is gone, and returns the answers.
func provoked(t *testing.T, s *Stack, flow string) map[string]received {
	t.Helper()
	out := map[string]received{}
	ask := func(method, target string, form url.Values, header ...string) {
		req := postForm(t, target, form)
		req.Method = method
		for i := 0; i+1 < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		out[fmt.Sprintf("%s %s %v", method, strings.TrimPrefix(target, s.URLs.UI), header)] = exchange(t, req)
	}
	token := "ory_st_" + strings.Repeat("a", 32)
	for _, accept := range []string{"text/html", "application/json"} {
		for _, path := range askedOf() {
			ask(http.MethodGet, s.URLs.UI+path, nil, "Accept", accept)
			ask(http.MethodGet, s.URLs.UI+path, nil, "Accept", accept, "Cookie", "ory_kratos_session="+token, "X-Session-Token", token)
		}
		for _, path := range []string{
			"/self-service/registration/browser", "/self-service/registration/api", "/self-service/recovery/browser", "/self-service/recovery/api", "/sessions",
			"/oauth2/auth?" + url.Values{"client_id": {"vault"}, "response_type": {"code"}, "scope": {"openid"}, "state": {"state-state"}, "redirect_uri": {vaultCallback}}.Encode(),
		} {
			ask(http.MethodGet, s.URLs.UI+path, nil, "Accept", accept, "X-Session-Token", token)
		}
		login := s.URLs.Kratos + "/self-service/login?flow=" + flow
		ask(http.MethodPost, login, url.Values{"method": {"password"}, "identifier": {"ada@example.com"}, "password": {password}}, "Accept", accept)
		ask(http.MethodPost, login, url.Values{"method": {"oidc"}, "provider": {"dead"}}, "Accept", accept)
		ask(http.MethodPost, s.URLs.Hydra+"/oauth2/token", url.Values{"grant_type": {"authorization_code"}, "code": {"ory_ac_a.b"}, "redirect_uri": {vaultCallback}},
			"Accept", accept, "Authorization", authorization("vault"))
		ask(http.MethodPost, s.URLs.Hydra+"/oauth2/revoke", url.Values{"token": {"ory_at_a.b"}}, "Accept", accept, "Authorization", authorization("vault"))
		ask(http.MethodGet, s.URLs.Hydra+"/userinfo", nil, "Accept", accept, "Authorization", "Bearer ory_at_a.b")
	}
	// What was stored for a page, for whoever has the address.
	for name, r := range out {
		if to, err := url.Parse(r.location()); err == nil && to.Path == "/error" && to.Query().Get("id") != "" {
			for _, target := range []string{s.URLs.Kratos + "/self-service/errors?id=", s.URLs.UI + "/error?id="} {
				out["what is stored of "+name+target] = bare(t, http.MethodGet, target+to.Query().Get("id"))
			}
		}
	}
	return out
}

// leaks returns what an answer tells of the inside, in its body or in where it leads.
func leaks(r received) string {
	to, err := url.QueryUnescape(r.location())
	if err != nil {
		to = r.location()
	}
	if isMetrics := strings.HasPrefix(r.body, "# HELP"); isMetrics {
		return ""
	}
	for _, text := range []string{r.body, to} {
		for _, word := range []string{"SQLSTATE", "relation ", "127.0.0.1:1", "dial tcp", "/root/", "/tmp/", ".go:", "pgx", "postgres://", "goroutine", "gone_", "connection refused"} {
			if at := strings.Index(text, word); at >= 0 {
				return text[max(at-60, 0):min(at+80, len(text))]
			}
		}
		if r.status >= 500 && discreet.Tells(text) {
			return text
		}
	}
	return ""
}

// TestNoAnswerTellsOfTheInside breaks the database in ways that are no outage, then in one that is, and looks at
// every public answer (docs/ory-quirks.md#q84).
func TestNoAnswerTellsOfTheInside(t *testing.T) {
	notOnStandIn(t, onSQLite)
	s, server, flow := broken(t)
	look := func(t *testing.T, what string) {
		t.Helper()
		failed, told := 0, 0
		for name, r := range provoked(t, s, flow) {
			if r.status >= 500 {
				failed++
				// Forms of the pages may go to the origin, which is plain HTTP here.
				r.header.Set("Content-Security-Policy", strings.ReplaceAll(r.header.Get("Content-Security-Policy"), s.URLs.UI, ""))
				if wrong := faults("ops", r); len(wrong) > 0 {
					t.Errorf("%s: %d: %s", name, r.status, strings.Join(wrong, "; "))
				}
				if strings.HasPrefix(r.header.Get("Content-Type"), "application/json") && !strings.Contains(r.body, `"error`) {
					t.Errorf("%s: %d without an error: %s", name, r.status, r.body)
				}
			}
			if leak := leaks(r); leak != "" {
				told++
				t.Errorf("%s: %d tells %q", name, r.status, leak)
			}
		}
		if failed < 5 {
			t.Errorf("got %d failures, want many: the test provokes nothing", failed)
		}
		tried.Report(t, what+": every public address, for browsers and programs", "%d answers of 5xx, %d told of the inside", failed, told)
	}
	t.Run("tables are missing", func(t *testing.T) { look(t, "tables are missing, a provider is dead") })
	t.Run("the database is gone", func(t *testing.T) {
		server.Stop(pgtest.Immediate)
		defer server.Start()
		look(t, "PostgreSQL is killed")
	})
}

// TestErrorsTellOfTheInsideWithoutDiscretion shows that the test above would notice.
func TestErrorsTellOfTheInsideWithoutDiscretion(t *testing.T) {
	notOnStandIn(t, onSQLite)
	s, _, flow := broken(t, Without("discretion"))
	seen := map[string]bool{}
	for name, r := range provoked(t, s, flow) {
		if leak := leaks(r); leak != "" {
			seen[fmt.Sprint(r.status/100, "xx")] = true
			t.Logf("%s: %d tells %q", name, r.status, leak)
		}
	}
	if !seen["5xx"] {
		t.Error("no failure told anything: the test above proves nothing")
	}
}
