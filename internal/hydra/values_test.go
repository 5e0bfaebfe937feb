package hydra

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/golden"
	"example.com/identityd/internal/ory"
	"example.com/identityd/internal/sqlseam"
)

var update = golden.Flag()

func sample() Config {
	return Config{
		Issuer: "https://id.example.com/", AdminURL: InProcessAdmin,
		Pages: Pages{
			Login: "https://ui.example.com/login", Registration: "https://ui.example.com/registration",
			Consent: "https://ui.example.com/consent", Logout: "https://ui.example.com/logout",
			Error: "https://ui.example.com/error", PostLogout: "https://ui.example.com/account/signed-out",
		},
		DSN:           "postgres://u:p@db/hydra?max_conns=20",
		CookieDomain:  "example.com",
		SystemSecrets: []string{strings.Repeat("s", 32)}, CookieSecrets: []string{strings.Repeat("c", 32)},
		Scopes: []string{"email", "groups"}, Claims: []string{"email", "groups"}, TopLevelClaims: []string{"groups"},
		Origins: []string{"https://app.example.com"},
		Tokens:  Tokens{Access: 90 * time.Minute, Refresh: 720 * time.Hour, ID: time.Hour, RefreshGrace: 1500 * time.Millisecond},
	}
}

func TestValues(t *testing.T) {
	t.Run("a production configuration", func(t *testing.T) {
		golden.JSON(t, *update, "production.json", values(sample()))
	})
	t.Run("development with JWT access tokens and a verbatim block", func(t *testing.T) {
		c := sample()
		c.Issuer, c.Dev, c.CookieDomain, c.Tokens.JWT = "http://localhost:4444", true, "", true
		c.Extra = map[string]any{
			"ttl":   map[string]any{"auth_code": "2m"},
			"serve": map[string]any{"public": map[string]any{"cors": map[string]any{"enabled": true}}},
		}
		golden.JSON(t, *update, "development.json", values(c))
	})
}

func TestCookiesOfOneOriginStayOnIt(t *testing.T) {
	c := sample()
	c.CookieDomain, c.HostCookies = "", true
	v := values(c)
	got := map[string]any{}
	for _, name := range []string{"names.session", "names.login_csrf", "names.consent_csrf", "domain"} {
		got[name] = v["serve.cookies."+name]
	}
	want := map[string]any{
		"names.session": "__Host-ory_hydra_session", "names.login_csrf": "__Host-ory_hydra_login_csrf",
		"names.consent_csrf": "__Host-ory_hydra_consent_csrf", "domain": nil,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestOpenRefusesSettingsHydraDoesNotKnow(t *testing.T) {
	sqlseam.Register()
	c := sample()
	c.DSN = "sqlite://file:settings?_fk=true&cache=shared&mode=memory"
	c.Extra = map[string]any{"ttl": map[string]any{"acess_token": "1h"}}
	c.Log, c.Tracing = slog.New(slog.DiscardHandler), ory.NewTracing(ory.Watch{})
	e, err := Open(t.Context(), c)
	if err == nil {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
		t.Fatal("the misspelled word was accepted")
	}
	if !strings.Contains(err.Error(), "checking settings") || !strings.Contains(err.Error(), "acess_token") {
		t.Errorf("got %v, want an error that names the word", err)
	}
}
