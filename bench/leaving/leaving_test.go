package leaving

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/bench/postgres"
)

// TestPlainHydraAndKratosGoOn lets identityd serve, a person sign up with a password and an authenticator
// application, and an application get tokens; then it leaves.
func TestPlainHydraAndKratosGoOn(t *testing.T) {
	if os.Getenv("IDENTITYD_TEST_LONG") == "" {
		t.Skip("SKIP: IDENTITYD_TEST_LONG is not set: it builds identityd, Hydra and Kratos")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
	defer cancel()
	p := build(ctx, t)
	pg, err := postgres.Start(ctx, postgres.Settings{Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := pg.Close(); err != nil {
			t.Error(err)
		}
	})
	databases := []string{"leaving_hydra", "leaving_kratos", "pristine_hydra", "pristine_kratos"}
	if err := pg.Recreate(ctx, databases...); err != nil {
		t.Fatal(err)
	}
	t.Run("on PostgreSQL", func(t *testing.T) {
		s := start(ctx, t, p, fmt.Sprintf("database: {hydra: {url: %q}, kratos: {url: %q}}\n", pg.URL(databases[0]), pg.URL(databases[1])))
		before := s.live(ctx, t)
		s.leave(ctx, t)
		t.Run("no table of Ory's is altered", func(t *testing.T) { s.sameSchema(ctx, t, pg) })
		s.goOn(ctx, t, before)
	})
	t.Run("on SQLite", func(t *testing.T) {
		s := start(ctx, t, p, "")
		before := s.live(ctx, t)
		s.leave(ctx, t)
		s.goOn(ctx, t, before)
	})
}

// memory is what somebody has when identityd stops.
type memory struct {
	person, password, secret, session string
	client, clientSecret              string
	access, refresh, id               string
}

// live signs up, sets a second factor up and gets tokens.
func (s *set) live(ctx context.Context, t *testing.T) memory {
	m := memory{password: "correct-horse-" + random(t)}
	email := "anna-" + random(t) + "@example.com"
	var made struct {
		Token    string `json:"session_token"`
		Identity struct {
			ID string `json:"id"`
		} `json:"identity"`
	}
	s.submit(ctx, t, s.front, "registration", "", "", map[string]any{"method": "password", "password": m.password, "traits": map[string]any{"email": email}}, &made)
	m.person, m.session = made.Identity.ID, made.Token
	s.email = email

	f := s.flow(ctx, t, s.front, "settings", m.session, "")
	node := slices.IndexFunc(f.UI.Nodes, func(n uiNode) bool { return n.Attributes.ID == "totp_secret_key" })
	if node < 0 {
		t.Fatal("no authenticator application can be set up")
	}
	m.secret = f.UI.Nodes[node].Attributes.Text.Text
	s.send(ctx, t, f, m.session, map[string]any{"method": "totp", "totp_code": totp(t, m.secret)}, nil)

	var client struct {
		ID     string `json:"client_id"`
		Secret string `json:"client_secret"`
	}
	s.call(ctx, t, http.MethodPost, s.hydraAdmin+"/admin/clients", map[string]any{
		"client_name": "shop", "scope": "openid offline_access email", "redirect_uris": []string{"https://app.example.com/callback"},
		"grant_types": []string{"authorization_code", "refresh_token"}, "token_endpoint_auth_method": "client_secret_basic",
	}, &client)
	m.client, m.clientSecret = client.ID, client.Secret
	s.tokens(ctx, t, &m)
	// Rotated once by identityd, so that what a plain Hydra gets has a history.
	s.redeem(ctx, t, s.front, &m, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {m.refresh}})
	return m
}

// goOn starts the plain ones and tries everything.
func (s *set) goOn(ctx context.Context, t *testing.T, m memory) {
	s.plain(ctx, t)
	t.Run("the session of before is signed in", func(t *testing.T) {
		s.whoami(ctx, t, m.session, m.person, "aal2")
	})
	t.Run("the person signs in with password and authenticator application", func(t *testing.T) {
		var first struct {
			Token string `json:"session_token"`
		}
		s.submit(ctx, t, s.kratos, "login", "", "", map[string]any{"method": "password", "identifier": s.email, "password": m.password}, &first)
		if first.Token == "" {
			t.Fatal("no session")
		}
		s.submit(ctx, t, s.kratos, "login", first.Token, "aal=aal2", map[string]any{"method": "totp", "totp_code": totp(t, m.secret)}, nil)
		s.whoami(ctx, t, first.Token, m.person, "aal2")
	})
	t.Run("a wrong password is refused", func(t *testing.T) {
		f := s.flow(ctx, t, s.kratos, "login", "", "")
		if status := s.try(ctx, t, http.MethodPost, f.UI.Action, map[string]any{"method": "password", "identifier": s.email, "password": "wrong" + m.password}, "", nil); status != http.StatusBadRequest {
			t.Errorf("got status %d, want 400", status)
		}
	})
	t.Run("the access token of before is active", func(t *testing.T) {
		var got struct {
			Active  bool   `json:"active"`
			Subject string `json:"sub"`
		}
		s.form(ctx, t, s.hydraAdmin+"/admin/oauth2/introspect", url.Values{"token": {m.access}}, nil, &got)
		if !got.Active || got.Subject != m.person {
			t.Errorf("got %+v, want active, of %s", got, m.person)
		}
	})
	t.Run("the ID token of before is of a key that is still published", func(t *testing.T) {
		var keys struct {
			Keys []struct {
				ID string `json:"kid"`
			} `json:"keys"`
		}
		s.call(ctx, t, http.MethodGet, s.hydra+"/.well-known/jwks.json", nil, &keys)
		kid := keyOf(t, m.id)
		if !slices.ContainsFunc(keys.Keys, func(k struct {
			ID string `json:"kid"`
		},
		) bool {
			return k.ID == kid
		}) {
			t.Errorf("%s is not among %v", kid, keys.Keys)
		}
	})
	t.Run("the application refreshes, and asks whose token it is", func(t *testing.T) {
		old := m.refresh
		s.redeem(ctx, t, s.front, &m, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {old}})
		if m.refresh == old || m.refresh == "" {
			t.Error("the refresh token was not rotated")
		}
		var who struct {
			Subject string `json:"sub"`
		}
		if status := s.try(ctx, t, http.MethodGet, s.front+"/userinfo", nil, m.access, &who); status != http.StatusOK || who.Subject != m.person {
			t.Errorf("got status %d and %q, want %q", status, who.Subject, m.person)
		}
		if status := s.form(ctx, t, s.front+"/oauth2/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {old}}, &m, nil); status < 400 {
			t.Errorf("the one before is taken twice: status %d", status)
		}
	})
	t.Run("an application gets new tokens by the whole way", func(t *testing.T) {
		if s.nginx == "" {
			t.Skip("SKIP: nginx is not installed: it is what splits the one address")
		}
		var n memory
		n.person, n.client, n.clientSecret = m.person, m.client, m.clientSecret
		s.tokens(ctx, t, &n)
		if n.id == "" || n.refresh == "" {
			t.Error("no ID token, or nothing to refresh with")
		}
	})
}

// sameSchema compares what identityd made, and what it added to, with what upstream's own migrations make.
func (s *set) sameSchema(ctx context.Context, t *testing.T, pg *postgres.Server) {
	dump, err := exec.LookPath("pg_dump")
	if err != nil {
		found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pg_dump")
		if len(found) == 0 {
			t.Skip("SKIP: pg_dump is not installed")
		}
		dump = found[len(found)-1]
	}
	s.migrate(ctx, t, "DSN="+pg.URL("pristine_hydra"), "DSN="+pg.URL("pristine_kratos"))
	for _, engine := range []string{"hydra", "kratos"} {
		t.Run(engine, func(t *testing.T) {
			of := func(database string) []string {
				out, err := exec.CommandContext(ctx, dump, "--schema-only", "--no-owner", "--no-privileges", "--exclude-table=identityd_*", pg.URL(database)).Output()
				if err != nil {
					t.Fatalf("dumping %s: %v", database, err)
				}
				// Newer releases give each dump a key of its own.
				text := regexp.MustCompile(`(?m)^\\(un)?restrict .*$`).ReplaceAllString(string(out), "")
				return strings.Split(text, "\n")
			}
			pristine := of("pristine_" + engine)
			if len(pristine) < 100 {
				t.Fatalf("the dump has only %d lines", len(pristine))
			}
			if diff := cmp.Diff(pristine, of("leaving_"+engine)); diff != "" {
				t.Errorf("tables of Ory's differ from upstream's (-upstream +identityd):\n%s", diff)
			}
			rows := func(database string) string {
				out, err := exec.CommandContext(ctx, filepath.Join(filepath.Dir(dump), "psql"), "-At", "-c", "SELECT version FROM schema_migration ORDER BY 1", pg.URL(database)).Output()
				if err != nil {
					t.Fatalf("asking %s: %v", database, err)
				}
				return string(out)
			}
			if diff := cmp.Diff(strings.Split(rows("pristine_"+engine), "\n"), strings.Split(rows("leaving_"+engine), "\n")); diff != "" {
				t.Errorf("recorded migrations differ (-upstream +identityd):\n%s", diff)
			}
		})
	}
}

func keyOf(t *testing.T, token string) string {
	t.Helper()
	head, _, _ := strings.Cut(token, ".")
	var h struct {
		ID string `json:"kid"`
	}
	if err := json.Unmarshal(unbase64(t, head), &h); err != nil || h.ID == "" {
		t.Fatalf("the ID token names no key: %v", err)
	}
	return h.ID
}
