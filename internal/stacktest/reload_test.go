package stacktest

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/stack"
	"example.com/identityd/internal/tried"
)

// TestNoRequestFailsWhileEnginesChange changes settings of the engines again and again while people sign up and
// in, and applications ask for what they always ask.
func TestNoRequestFailsWhileEnginesChange(t *testing.T) {
	for name, postgres := range map[string]bool{"on SQLite": false, "on PostgreSQL": true} {
		t.Run(name, func(t *testing.T) {
			opts := []Option{withFiles(t, map[string]string{"clients": vaultFile}), Set("login.first.password.breach_check", "false")}
			if postgres {
				opts = append(opts, onPostgres(t, pgtest.Shared(t))...)
			} else {
				notOnStandIn(t, onSQLite)
			}
			s := StartChanging(t, opts...)
			home := atHome(t, s.Stack, "ada@example.com")
			token := tokensOf(t, s.Stack, home, "vault").Access
			kratos, err := url.Parse(s.URLs.Kratos)
			if err != nil {
				t.Fatal(err)
			}
			as := func(r *http.Request) {
				for _, c := range home.client.Jar.Cookies(kratos) {
					r.AddCookie(c)
				}
			}
			form := func(r *http.Request) {
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				r.SetBasicAuth("vault", "vault-secret-vault-secret")
			}
			load := StartLoad(t, 3,
				Request{Name: "whoami", Method: http.MethodGet, URL: s.URLs.Kratos + "/sessions/whoami", Change: as},
				Request{Name: "a flow", Method: http.MethodGet, URL: s.URLs.Kratos + "/self-service/login/api"},
				Request{Name: "a page", Method: http.MethodGet, URL: s.URLs.UI + "/account/", Change: as},
				Request{Name: "discovery", Method: http.MethodGet, URL: s.URLs.Hydra + "/.well-known/openid-configuration"},
				Request{Name: "keys", Method: http.MethodGet, URL: s.URLs.Hydra + "/.well-known/jwks.json"},
				Request{Name: "revoke", Method: http.MethodPost, URL: s.URLs.Hydra + "/oauth2/revoke", Body: "token=unknown", Change: form},
				Request{Name: "introspect", Method: http.MethodPost, URL: s.URLs.HydraAdmin + "/admin/oauth2/introspect", Body: "token=" + token, Change: form},
				Request{Name: "ready", Method: http.MethodGet, URL: s.URLs.Ops + "/health/ready"},
			)
			changes := whileJourneying(t, s)
			s.MustChange(t, Set("tokens.access", "7m"))
			answers := load.Stop()
			failed := 0
			for _, a := range answers {
				if a.Err != nil || a.Status >= http.StatusBadRequest {
					if failed++; failed < 5 {
						t.Errorf("%s: got %d, %v %.200s", a.Name, a.Status, a.Err, a.Body)
					}
				}
			}
			tried.Report(t, "engines replaced under load", "%d of %d requests failed during %d changes", failed, len(answers), changes)
			if len(answers) < 100 || changes < 3 {
				t.Errorf("got %d answers and %d changes, which proves little", len(answers), changes)
			}
			if home.whoami(s.Stack) == nil {
				t.Error("the session of before is gone")
			}
			if got := expiresIn(t, s.Stack, home); got < 400 || got > 420 {
				t.Errorf("an access token lives for %d s, want those of the new setting", got)
			}
		})
	}
}

// TestAReloadWithoutRoomWaits takes from a second pair what it needs: memory, connections, the database.
func TestAReloadWithoutRoomWaits(t *testing.T) {
	notOnStandIn(t, itsScheme)
	server := pgtest.Start(t)
	d := newDatabases(t, server)
	s := StartChanging(t, append(d.opts, UnwrittenChanges())...) // it is asked while nothing can be written
	waits := func(life, reason string) {
		t.Helper()
		got := s.Change(t, Set("tokens.access", life), Set("ui.links.privacy", "https://example.com/"+life))
		if len(got.Waiting) != 1 || !strings.Contains(got.Waiting[0].Reason, reason) || got.Waiting[0].Key != "tokens.access" {
			t.Errorf("got %+v, want tokens.access to wait for %q", got, reason)
		}
		if diff := cmp.Diff([]string{"ui.links.privacy"}, got.Applied); diff != "" {
			t.Errorf("applied: %s", diff)
		}
	}
	before := debug.SetMemoryLimit(16 << 20)
	waits("21m", "MB for a moment")
	debug.SetMemoryLimit(before)

	var held []*sql.DB
	for range 200 { // more than there are
		db, err := sql.Open("pgx", server.DatabaseURL("postgres"))
		if err != nil {
			t.Fatal(err)
		}
		if db.PingContext(t.Context()) != nil {
			db.Close()
			break
		}
		held = append(held, db)
	}
	waits("22m", "connections for a moment")
	for _, db := range held {
		db.Close()
	}

	server.Stop(pgtest.Fast)
	got := s.Change(t, Set("tokens.access", "23m"))
	if !strings.Contains(got.Error, "tokens.access: ") || !strings.Contains(got.Error, "it is tried again") || len(got.Waiting) != 1 {
		t.Errorf("got %+v, want an error that passes, and what waited to wait", got)
	}
	server.Start()
	until(t, "the change is in force", func() bool {
		got = s.Change(t)
		return got.Error == ""
	})
	if diff := cmp.Diff([]string{"tokens.access"}, got.Applied); diff != "" || len(got.Waiting) > 0 {
		t.Errorf("applied: %s, and %+v waits", diff, got.Waiting)
	}
}

// whileJourneying changes a setting until journeys are over, and returns how often.
func whileJourneying(t *testing.T, s *Changing) (n int) {
	t.Helper()
	ctx, done := context.WithCancel(t.Context())
	go func() {
		defer done()
		s.Journey(t, client, 2)
	}()
	for ; ctx.Err() == nil; n++ {
		s.MustChange(t, Set("login.first.password.min_length", fmt.Sprint(8+n%2)), Set("session.privileged", fmt.Sprintf("%dm", 20+n%3)))
	}
	return n
}

func expiresIn(t *testing.T, s *Stack, b *Browser) int {
	t.Helper()
	b.Open(s.URLs.Hydra + "/oauth2/auth?" + authorization("vault"))
	if b.URL.Path == "/consent" {
		b.Submit("form", map[string]string{"action": "allow"})
	}
	res := postForm(t, s.URLs.Hydra+"/oauth2/token", url.Values{
		"grant_type": {"authorization_code"}, "code": {b.URL.Query().Get("code")}, "redirect_uri": {vaultCallback},
	})
	res.SetBasicAuth("vault", "vault-secret-vault-secret")
	var out struct {
		ExpiresIn int `json:"expires_in"`
	}
	sendFor(t, res, &out)
	return out.ExpiresIn
}

// TestAReloadWithOtherSecretsSignsNobodyOut begins with the secrets of before and goes on with those of after, in the
// same process.
func TestAReloadWithOtherSecretsSignsNobodyOut(t *testing.T) {
	r := newRotating(t, true)
	u := r.begin()
	r.mustRotate(stack.RotateOptions{})
	r.changing.MustChange(t)
	done, lost := r.goOn(u)
	if len(lost) > 0 {
		t.Errorf("the reload lost: %s", strings.Join(lost, "; "))
	}
	tried.Report(t, "a rotation of all secrets and a reload while sign-ins, consents, codes, tokens and a provider's answer were under way",
		"%d of %d went on", done-len(lost), done)
	r.resealed()
}

// TestWhatAReloadDoes goes through what changes in place, by engines, at a restart, and not at all.
func TestWhatAReloadDoes(t *testing.T) {
	notOnStandIn(t, onSQLite)
	s := StartChanging(t, withFiles(t, map[string]string{"clients": vaultFile}))
	page := func(path string) string {
		t.Helper()
		_, body := fetch(t, NewBrowser(t).client, http.MethodGet, s.URLs.UI+path, "", "Accept: text/html")
		return body
	}
	kept := s.swaps(t)
	outer := t // files live as long as this test
	applied := func(want []string, got stack.ReloadStatus) {
		t.Helper()
		if diff := cmp.Diff(want, got.Applied); diff != "" || got.Error != "" {
			t.Errorf("applied: %s, error %q", diff, got.Error)
		}
	}

	t.Run("links of the pages change in place", func(t *testing.T) {
		applied([]string{"ui.links.privacy"}, s.Change(t, Set("ui.links.privacy", "https://example.com/our-privacy")))
		if !strings.Contains(page("/login"), "https://example.com/our-privacy") {
			t.Error("the page has the old link")
		}
		if got := s.swaps(t); got != kept {
			t.Errorf("engines were replaced %d times for a link", got-kept)
		}
	})

	t.Run("the name changes with the engines, in pages and mails", func(t *testing.T) {
		applied([]string{"ui.brand.name"}, s.Change(t, Set("ui.brand.name", "Nightshift")))
		if !strings.Contains(page("/login"), "Nightshift") {
			t.Error("the page has the old name")
		}
		if got := s.swaps(t); got != kept+1 {
			t.Errorf("engines were replaced %d times, want once", got-kept)
		}
	})

	t.Run("clients come into force", func(t *testing.T) {
		applied([]string{"clients"}, s.Change(t, withFiles(outer, map[string]string{"clients": strings.Replace(vaultFile, "id: vault", "id: other", 1)})))
		var list []struct {
			ID string `json:"client_id"`
		}
		get(t, s.URLs.HydraAdmin+"/admin/clients", &list)
		if !strings.Contains(fmt.Sprint(list), "other") {
			t.Errorf("got %v, want the client of the new file", list)
		}
	})

	t.Run("what cannot change waits by name, and the rest does not", func(t *testing.T) {
		got := s.Change(t, Set("listen.ops", "127.0.0.1:1"), Set("tokens.access", "11m"), Set("session.lifespan", "100h"))
		applied([]string{"session.lifespan", "tokens.access"}, got)
		if len(got.Waiting) != 1 || got.Waiting[0].Key != "listen.ops" || got.Waiting[0].Reason == "" {
			t.Errorf("got %+v, want listen.ops with the reason", got.Waiting)
		}
		if !strings.Contains(s.metrics(t), "\nidentityd_config_restart_needed 1\n") {
			t.Error("the metric does not say that something waits")
		}
		var status stack.ProcessStatus
		if err := s.door.Call(t.Context(), http.MethodGet, "/status", nil, &status); err != nil {
			t.Fatal(err)
		}
		if status.Reload == nil || len(status.Reload.Waiting) != 1 || !status.Reload.Engines {
			t.Errorf("status: got %+v", status.Reload)
		}
		s.Change(t, Set("listen.ops", "127.0.0.1:0"))
		if !strings.Contains(s.metrics(t), "\nidentityd_config_restart_needed 0\n") {
			t.Error("what was taken back still waits")
		}
	})

	t.Run("engines that cannot be built leave the old ones, and name the word", func(t *testing.T) {
		kept := s.swaps(t)
		got := s.Change(t, withFiles(outer, map[string]string{"kratos": "selfservice: {methods: {link: {config: {lifespan: soon}}}}"}), Set("tokens.access", "12m"))
		if !strings.Contains(got.Error, "kratos") || len(got.Applied) > 0 {
			t.Errorf("got %+v, want an error that names kratos", got)
		}
		if s.swaps(t) != kept {
			t.Error("the engines were replaced all the same")
		}
		if !strings.Contains(s.metrics(t), "\nidentityd_config_reload_failures_total 1\n") {
			t.Error("the failure was not counted")
		}
		page("/login")
		applied([]string{"tokens.access"}, s.Change(t, func(set map[string]string) { delete(set, "IDENTITYD_KRATOS_FILE") }))
	})

	t.Run("a stop while engines are made is a clean one", func(t *testing.T) {
		const making = "a second pair of engines is being made"
		made := strings.Count(s.Log.String(), making)
		s.set["tokens.access"] = "13m"
		asked := make(chan error, 1)
		go func() { asked <- s.door.Call(context.WithoutCancel(t.Context()), http.MethodPost, "/reload", nil, nil) }()
		until(t, "engines are being made", func() bool { return strings.Count(s.Log.String(), making) > made })
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
		if err := <-asked; err != nil {
			t.Logf("who asked is told: %v", err)
		}
		if log := s.Log.String(); strings.Contains(log, "was not clean") || strings.Contains(log, `"level":"ERROR"`) &&
			!strings.Contains(log, "lifespan") {
			t.Error("the stop was not clean")
		}
	})
}

func (c *Changing) metrics(t *testing.T) string {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	_, body := fetch(t, client, http.MethodGet, c.URLs.Ops+"/metrics", "")
	return body
}

// swaps is how often the engines were replaced.
func (c *Changing) swaps(t *testing.T) (n int) {
	t.Helper()
	_, rest, _ := strings.Cut(c.metrics(t), "\nidentityd_engine_swaps_total ")
	line, _, _ := strings.Cut(rest, "\n")
	if err := json.Unmarshal([]byte(line), &n); err != nil {
		t.Fatal(err)
	}
	return n
}
