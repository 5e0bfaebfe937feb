package stacktest

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.com/identityd/internal/pgtest"
)

// TestReadinessFollowsTheDatabase stops and freezes the database of a running stack.
func TestReadinessFollowsTheDatabase(t *testing.T) {
	server := pgtest.Start(t)
	s := Start(t, onPostgres(t, server)...)
	t.Run("a stopped database makes it not ready, and alive", func(t *testing.T) {
		server.Stop(pgtest.Immediate)
		status, errors := awaitReady(t, s, http.StatusServiceUnavailable)
		if got := errors["hydra_database"] + errors["kratos_database"]; !strings.Contains(got, "the database cannot be reached") {
			t.Errorf("got %d %v, want the reason", status, errors)
		}
		var page struct {
			Errors map[string]string `json:"errors"`
		}
		if got := get(t, s.URLs.UI+"/health/ready", &page); got != status || len(page.Errors) == 0 {
			t.Errorf("readiness on the pages' listener: got %d %v, want the reasons too", got, page.Errors)
		}
		if got := get(t, s.URLs.UI+"/health/alive", nil); got != http.StatusOK {
			t.Errorf("alive: got %d, want 200", got)
		}
	})
	t.Run("it is ready again when the database is back", func(t *testing.T) {
		server.Start()
		awaitReady(t, s, http.StatusOK)
	})
	t.Run("a frozen database is noticed within two seconds a check", func(t *testing.T) {
		server.Freeze()
		defer server.Thaw()
		began := time.Now()
		_, errors := awaitReady(t, s, http.StatusServiceUnavailable)
		// The last result is good for a second, the check may take two, and the machine may have other things to do.
		if took := time.Since(began); took > beforeTheDeadline {
			t.Errorf("took %s, want at most %s: %v", took, beforeTheDeadline, errors)
		}
	})
	t.Run("it is ready again when the database thaws", func(t *testing.T) { awaitReady(t, s, http.StatusOK) })
}

// awaitReady asks for readiness until it has the status.
func awaitReady(t *testing.T, s *Stack, want int) (int, map[string]string) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		var body struct {
			Errors map[string]string `json:"errors"`
		}
		got := get(t, s.URLs.Ops+"/health/ready", &body)
		if got == want {
			return got, body.Errors
		}
		if time.Now().After(deadline) {
			t.Fatalf("readiness: got %d %v, want %d", got, body.Errors, want)
		}
	}
}

func get(t *testing.T, url string, into any) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if into != nil {
		if err := json.NewDecoder(res.Body).Decode(into); err != nil {
			t.Fatalf("%s: %v", url, err)
		}
	}
	return res.StatusCode
}

// TestAnOutageIsNoVerdict asks, while the database is away, what relying parties ask all the time. A
// refusal would make them log everybody out (docs/ory-quirks.md#q29).
func TestAnOutageIsNoVerdict(t *testing.T) {
	server := pgtest.Start(t)
	s := Start(t, append(onPostgres(t, server), withFiles(t, map[string]string{"clients": clientFile}))...)
	ada(t, s)
	tokens := signInAtShop(t, s)
	person := NewBrowser(t)
	person.Open(s.URLs.UI + "/login")
	person.Submit("form", map[string]string{"identifier": "ada@example.com", "password": password, "method": "password"})
	form := func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") }
	asked := map[string]struct {
		method, url, body string
		change            func(*http.Request)
		cookies           bool
	}{
		"a token for a right secret": {
			"POST", s.URLs.Hydra + "/oauth2/token", "grant_type=authorization_code&code=x",
			func(r *http.Request) { form(r); r.SetBasicAuth("shop", "shop-secret-shop-secret") }, false,
		},
		"introspection of a good token": {
			"POST", s.URLs.HydraAdmin + "/admin/oauth2/introspect",
			"token=" + tokens["access_token"], form, false,
		},
		"userinfo for a good token": {
			"GET", s.URLs.Hydra + "/userinfo", "",
			func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+tokens["access_token"]) }, false,
		},
		"whoami with a good session":  {"GET", s.URLs.Kratos + "/sessions/whoami", "", nil, true},
		"a new login flow":            {"GET", s.URLs.Kratos + "/self-service/login/browser", "", nil, false},
		"the home page":               {"GET", s.URLs.UI + "/", "", nil, true},
		"the header of the home page": {"HEAD", s.URLs.UI + "/", "", nil, true},
		"the home page, to a browser": {
			"GET", s.URLs.UI + "/", "",
			func(r *http.Request) { r.Header.Set("Accept", "text/html") }, true,
		},
		"the clients, to an administrator": {"GET", s.URLs.HydraAdmin + "/admin/clients", "", nil, false},
		"the people, to an administrator":  {"GET", s.URLs.KratosAdmin + "/admin/identities", "", nil, false},
	}
	ask := func(t *testing.T, name string) (int, http.Header, string) {
		t.Helper()
		a := asked[name]
		req, err := http.NewRequestWithContext(t.Context(), a.method, a.url, strings.NewReader(a.body))
		if err != nil {
			t.Fatal(err)
		}
		if a.change != nil {
			a.change(req)
		}
		if a.cookies {
			for _, c := range person.client.Jar.Cookies(req.URL) {
				req.AddCookie(c)
			}
		}
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		raw, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, res.Header, string(raw)
	}
	defer http.DefaultClient.CloseIdleConnections()
	before := map[string]int{}
	for name := range asked {
		before[name], _, _ = ask(t, name)
		if before[name] == http.StatusServiceUnavailable {
			t.Fatalf("%s: got 503 before the outage", name)
		}
	}
	server.Stop(pgtest.Immediate)
	for name := range asked {
		t.Run(name+" is 503 and says when to come again", func(t *testing.T) {
			status, header, body := ask(t, name)
			if status != http.StatusServiceUnavailable || header.Get("Retry-After") == "" {
				t.Errorf("got %d, Retry-After %q: %s", status, header.Get("Retry-After"), body)
			}
			if header.Get("X-Frame-Options") != "DENY" || header.Get("Referrer-Policy") != "no-referrer" {
				t.Errorf("got %v, want the headers of any other answer", header)
			}
			if strings.HasPrefix(header.Get("Content-Type"), "text/html") && header.Get("Content-Security-Policy") == "" {
				t.Error("the page has no content security policy")
			}
			for _, leak := range []string{"SQLSTATE", "dial tcp", "connection refused", "active"} {
				if strings.Contains(body, leak) {
					t.Errorf("the answer says %q: %s", leak, body)
				}
			}
		})
	}
	t.Run("why says that it was the database", func(t *testing.T) {
		for _, line := range s.Log.AccessLines("kratos") {
			id, _ := line["request_id"].(string)
			if line["status"] != float64(http.StatusServiceUnavailable) {
				continue
			}
			if got := s.because(t, id); got.Cause != "database_failed" || !strings.Contains(got.Cure, "identityd doctor") {
				t.Errorf("got %q: %s", got.Cause, got.Sentence)
			}
			return
		}
		t.Error("no request of the log was answered 503")
	})
	server.Start()
	awaitReady(t, s, http.StatusOK)
	for name := range asked {
		t.Run(name+" is as before when the database is back", func(t *testing.T) {
			if got, _, body := ask(t, name); got != before[name] {
				t.Errorf("got %d, want %d: %s", got, before[name], body)
			}
		})
	}
}
