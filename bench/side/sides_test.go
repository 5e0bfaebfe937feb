package side_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/identityd/bench/postgres"
	"example.com/identityd/bench/side"
)

// TestBothSides starts each side on PostgreSQL, twice, with two processes of each role the second time, and takes what was provisioned through it.
func TestBothSides(t *testing.T) {
	if os.Getenv("IDENTITYD_TEST_LONG") == "" {
		t.Skip("SKIP: IDENTITYD_TEST_LONG is not set: it builds and starts both sides")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
	defer cancel()
	programs := build(ctx, t)
	pg, err := postgres.Start(ctx, postgres.Settings{Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { check(t, pg.Close()) })
	for _, s := range programs.Sides() {
		t.Run(s.Name(), func(t *testing.T) {
			databases := []string{s.Name() + "_hydra", s.Name() + "_kratos"}
			check(t, pg.Recreate(ctx, databases...))
			o := side.Options{Dir: t.TempDir(), Databases: side.Databases{Hydra: pg.URL(databases[0]), Kratos: pg.URL(databases[1])}}
			r, err := s.Start(ctx, o)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("first start: ready after %s, %s of it migrations, processes %v", r.Ready, r.Migrated, r.PIDs)
			people, err := r.Provision(ctx, side.Want{Confidential: 2, Public: 1, People: 2, Prefix: "test"})
			check(t, err)
			check(t, r.Stop())

			o.Processes = 2
			if r, err = s.Start(ctx, o); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { check(t, r.Stop()) })
			t.Logf("warm start: ready after %s, processes %v", r.Ready, r.PIDs)
			token(ctx, t, r, people.Confidential[0])
			loginPage(ctx, t, r)
			statements, err := pg.Statements(ctx, databases...)
			if err != nil || len(statements) == 0 {
				t.Errorf("statements: got %d, %v", len(statements), err)
			}
		})
	}
}

func TestFirstStartOnSQLite(t *testing.T) {
	if os.Getenv("IDENTITYD_TEST_LONG") == "" {
		t.Skip("SKIP: IDENTITYD_TEST_LONG is not set: it builds and starts both sides")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
	defer cancel()
	for _, s := range build(ctx, t).Sides() {
		t.Run(s.Name(), func(t *testing.T) {
			r, err := s.Start(ctx, side.Options{Dir: t.TempDir()})
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("ready after %s, %s of it migrations", r.Ready, r.Migrated)
			check(t, r.Stop())
		})
	}
}

func build(ctx context.Context, t *testing.T) side.Programs {
	t.Helper()
	dir := os.Getenv("IDENTITYD_BENCH_BIN")
	if dir == "" {
		dir = t.TempDir()
	}
	programs, err := side.Build(ctx, filepath.Join("..", ".."), dir, "")
	if err != nil {
		t.Fatal(err)
	}
	return programs
}

func browser(t *testing.T, r *side.Running) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	check(t, err)
	return &http.Client{Transport: r.Transport(http.DefaultTransport), Jar: jar, Timeout: time.Minute}
}

func token(ctx context.Context, t *testing.T, r *side.Running, c side.Client) {
	t.Helper()
	form := url.Values{"grant_type": {"client_credentials"}, "scope": {"profile"}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.OAuth2+"/oauth2/token", strings.NewReader(form.Encode()))
	check(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(c.ID, c.Secret)
	resp, err := browser(t, r).Do(req)
	check(t, err)
	defer resp.Body.Close()
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	check(t, json.NewDecoder(resp.Body).Decode(&answer))
	if resp.StatusCode != http.StatusOK || answer.AccessToken == "" {
		t.Errorf("client_credentials: got %s", resp.Status)
	}
}

// loginPage follows the redirects of a new visitor to a form.
func loginPage(ctx context.Context, t *testing.T, r *side.Running) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.UI+"/login", http.NoBody)
	check(t, err)
	resp, err := browser(t, r).Do(req)
	check(t, err)
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	check(t, err)
	for _, want := range []string{"csrf_token", `type="password"`, "/self-service/login?flow"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("login page: got %s without %s:\n%s", resp.Status, want, page)
		}
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
