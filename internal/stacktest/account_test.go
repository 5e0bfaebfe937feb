package stacktest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"example.com/identityd/internal/pgtest"
)

const homeFile = vaultFile + `
- id: own
  name: Own
  secret: vault-secret-vault-secret
  redirect_uris: [https://app.invalid/callback]
  scope: openid email offline_access
  grant_types: [authorization_code, refresh_token]
  skip_consent: true
`

// TestAccount is what people do on the account pages, over the real engines.
func TestAccount(t *testing.T) {
	accountPages(t, Start(t, withFiles(t, map[string]string{"clients": homeFile}), Set("consent.remember_for", "2s")))
}

func TestAccountOnPostgres(t *testing.T) {
	d := newDatabases(t, pgtest.Shared(t))
	accountPages(t, d.start(t, withFiles(t, map[string]string{"clients": homeFile}), Set("consent.remember_for", "2s")))
}

func accountPages(t *testing.T, s *Stack) {
	t.Helper()
	person := ada(t, s)
	here, elsewhere := NewBrowser(t), NewBrowser(t)
	for _, b := range []*Browser{here, elsewhere} {
		b.Open(s.URLs.UI + "/login")
		b.Submit("form", map[string]string{"identifier": "ada@example.com", "password": password, "method": "password"})
		if b.URL.Path != "/account/" {
			t.Fatalf("got %s after the sign-in, want the account", b.URL.Redacted())
		}
	}
	vault, own := tokensOf(t, s, here, "vault"), tokensOf(t, s, here, "own")

	t.Run("a list of sessions has the one that asks", func(t *testing.T) {
		here.Open(s.URLs.UI + "/account/sessions")
		if got := len(here.Page.All(".rows > li")); got != 2 {
			t.Errorf("got %d sessions, want 2", got)
		}
		here.Page.One(".badge.good")
	})
	t.Run("a session that is ended elsewhere is over, and is in nobody else's hands", func(t *testing.T) {
		stranger := signUp(t, s, s.URLs.UI+"/login", "mallory@example.com")
		id := here.Page.Form(`form[action$="/sessions/revoke"]`).Fields.Get("session")
		if status, _ := stranger.raw(http.MethodDelete, s.URLs.Kratos+"/sessions/"+id, nil); status >= 500 {
			t.Errorf("got %d for a stranger's attempt", status)
		}
		if got := elsewhere.Code(s.URLs.Kratos + "/sessions/whoami"); got != http.StatusOK {
			t.Errorf("whoami got %d after a stranger's attempt, want 200", got)
		}
		here.Submit(`form[action$="/sessions/revoke"]`, nil)
		if got := elsewhere.Code(s.URLs.Kratos + "/sessions/whoami"); got != http.StatusUnauthorized {
			t.Errorf("whoami got %d after the end, want 401", got)
		}
		if got := here.Code(s.URLs.Kratos + "/sessions/whoami"); got != http.StatusOK {
			t.Errorf("whoami got %d here, want 200", got)
		}
	})
	t.Run("a new password signs out every other browser", func(t *testing.T) {
		const changed = "a different horse battery 8 staple"
		one := signUp(t, s, s.URLs.UI+"/login", "grace@example.com")
		two := NewBrowser(t)
		two.Open(s.URLs.UI + "/login")
		two.Submit("form", map[string]string{"identifier": "grace@example.com", "password": password, "method": "password"})
		if got := two.Code(s.URLs.Kratos + "/sessions/whoami"); got != http.StatusOK {
			t.Fatalf("whoami got %d before, want 200", got)
		}
		one.Open(s.URLs.UI + "/settings")
		one.Submit("form", map[string]string{"password": changed, "method": "password"})
		if got := two.Code(s.URLs.Kratos + "/sessions/whoami"); got != http.StatusUnauthorized {
			t.Errorf("whoami got %d in the other browser, want 401", got)
		}
		if got := one.Code(s.URLs.Kratos + "/sessions/whoami"); got != http.StatusOK {
			t.Errorf("whoami got %d in this browser, want 200", got)
		}
	})
	t.Run("an application is listed while it has tokens, and revoking it kills them", func(t *testing.T) {
		forgotten(t, s, person)
		here.Open(s.URLs.UI + "/account/applications")
		form := `form:has(input[name=client][value=vault])`
		here.Page.One(form)
		here.Submit(form, nil)
		if len(here.Page.All(form)) != 0 {
			t.Error("the application is still listed")
		}
		if introspects(t, s, vault.Access) || alive(t, s, vault.Access) != http.StatusUnauthorized {
			t.Error("its access token lives")
		}
		if got := refresh(t, s, vault.Refresh); got.Error != "invalid_grant" {
			t.Errorf("refreshing got %+v, want invalid_grant", got)
		}
		if !introspects(t, s, own.Access) {
			t.Error("the token of another application is dead")
		}
	})
	t.Run("the download has everything and no secret", func(t *testing.T) {
		here.Open(s.URLs.UI + "/account/data")
		status, raw := here.raw(http.MethodPost, s.URLs.UI+"/account/data", here.Page.Form(`form[action="/account/data"]`).Fields)
		if status != http.StatusOK {
			t.Fatalf("got %d %s", status, raw)
		}
		var data struct {
			Account      struct{ Traits map[string]any }
			SignIn       []struct{ Type string } `json:"sign_in_methods"`
			Sessions     []struct{ Current bool }
			Applications []struct {
				ClientID string `json:"client_id"`
			}
		}
		if err := json.Unmarshal(raw, &data); err != nil {
			t.Fatal(err)
		}
		if data.Account.Traits["email"] != "ada@example.com" || len(data.SignIn) != 1 || len(data.Sessions) != 1 ||
			!data.Sessions[0].Current || len(data.Applications) != 1 || data.Applications[0].ClientID != "own" {
			t.Errorf("got %s", raw)
		}
		for _, secret := range []string{"argon2", own.Access, own.Refresh, password, "logout_token", "groups"} {
			if strings.Contains(string(raw), secret) {
				t.Errorf("the download has %.12s… in it", secret)
			}
		}
	})
	t.Run("a deletion leaves nothing", func(t *testing.T) {
		here.Open(s.URLs.UI + "/account/delete")
		here.Submit(`form[action="/account/delete"]`, map[string]string{"sure": "true"})
		if here.URL.Path != "/account/deleted" {
			t.Fatalf("got %s:\n%s", here.URL.Path, here.Page)
		}
		if got := here.Code(s.URLs.Kratos + "/sessions/whoami"); got != http.StatusUnauthorized {
			t.Errorf("whoami got %d, want 401", got)
		}
		if introspects(t, s, own.Access) {
			t.Error("an access token lives")
		}
		if got := tokenOf(t, s, "own", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {own.Refresh}}); got.Error != "invalid_grant" {
			t.Errorf("refreshing got %+v, want invalid_grant", got)
		}
		if got := here.Code(s.URLs.KratosAdmin + "/admin/identities/" + person); got != http.StatusNotFound {
			t.Errorf("the identity got %d, want 404", got)
		}
		here.Open(s.URLs.Hydra + "/oauth2/auth?" + authorization("own"))
		if here.URL.Path != "/login" {
			t.Errorf("got %s at the next application, want the sign-in", here.URL.Redacted())
		}
	})
}
