package stacktest

import (
	"net/http"
	"testing"
	"time"
)

// endedCount is what the admin API answers about tokens that a filter means.
type endedCount struct {
	Access  int `json:"access_tokens"`
	Refresh int `json:"refresh_tokens"`
	Codes   int `json:"codes"`
	More    bool
}

// TestTokensAreEndedByCommands: those of a client, of a person, and since a moment, refresh tokens and codes
// among them. Upstream's own deletion leaves these.
func TestTokensAreEndedByCommands(t *testing.T) {
	s := Start(t, orStandIn(t), withVault(t))
	ada(t, s)
	ask := func(path, body string) (out endedCount) {
		t.Helper()
		call(t, http.MethodPost, s.URLs.HydraAdmin+"/admin/identityd/tokens/"+path, "application/json", body, nil, &out)
		return out
	}
	first := redeemCode(t, s, vaultCode(t, s))
	second := refresh(t, s, first.Refresh)
	if second.Access == "" {
		t.Fatalf("got %+v, want tokens", second)
	}

	t.Run("upstream's deletion of a client's tokens leaves the refresh token", func(t *testing.T) {
		fetch(t, http.DefaultClient, http.MethodDelete, s.URLs.HydraAdmin+"/admin/oauth2/tokens?client_id=vault", "")
		if introspects(t, s, second.Access) {
			t.Error("the access token is alive")
		}
		second = refresh(t, s, second.Refresh)
		if second.Status != http.StatusOK {
			t.Fatalf("got %+v, want new tokens: otherwise there is nothing to mend (docs/ory-quirks.md#q149)", second)
		}
	})
	t.Run("ours leaves nothing, and counts first", func(t *testing.T) {
		code := vaultCode(t, s)
		const body = `{"client_id": "vault"}`
		want := endedCount{Access: 1, Refresh: 1, Codes: 1}
		if got := ask("preview", body); got != want {
			t.Errorf("counted: got %+v, want %+v", got, want)
		}
		if !introspects(t, s, second.Access) {
			t.Error("counting ended the access token")
		}
		if got := ask("end", body); got != want {
			t.Errorf("ended: got %+v, want %+v", got, want)
		}
		if got := ask("end", body); got != (endedCount{}) {
			t.Errorf("again: got %+v, want none", got)
		}
		if introspects(t, s, second.Access) {
			t.Error("the access token is alive")
		}
		if got := refresh(t, s, second.Refresh); got.Error != "invalid_grant" {
			t.Errorf("refreshing got %+v, want invalid_grant", got)
		}
		if got := redeemCode(t, s, code); got.Error != "invalid_grant" {
			t.Errorf("the code got %+v, want invalid_grant", got)
		}
	})
	t.Run("what was issued before the moment stays", func(t *testing.T) {
		third := redeemCode(t, s, vaultCode(t, s))
		later := time.Now().UTC().Add(time.Hour).Format(time.RFC3339)
		if got := ask("end", `{"issued_after": "`+later+`"}`); got != (endedCount{}) {
			t.Errorf("got %+v, want none", got)
		}
		earlier := time.Now().UTC().Add(-time.Hour).Format(time.RFC3339)
		if got, want := ask("end", `{"issued_after": "`+earlier+`", "subject": "somebody-else"}`), (endedCount{}); got != want {
			t.Errorf("of somebody else: got %+v, want none", got)
		}
		if !introspects(t, s, third.Access) {
			t.Error("the access token is dead")
		}
		if got, want := ask("end", `{"issued_after": "`+earlier+`"}`), (endedCount{Access: 1, Refresh: 1}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
	t.Run("one token ends with what came of the same grant", func(t *testing.T) {
		fourth := redeemCode(t, s, vaultCode(t, s))
		var out struct {
			Revoked bool
			Use     string `json:"token_use"`
			Client  string `json:"client_id"`
		}
		call(t, http.MethodPost, s.URLs.HydraAdmin+"/admin/identityd/tokens/revoke", "application/json", `{"token": "`+fourth.Refresh+`"}`, nil, &out)
		if !out.Revoked || out.Use != "refresh_token" || out.Client != "vault" {
			t.Errorf("got %+v, want the refresh token of vault revoked", out)
		}
		if introspects(t, s, fourth.Access) {
			t.Error("the access token is alive")
		}
		if got := refresh(t, s, fourth.Refresh); got.Error != "invalid_grant" {
			t.Errorf("refreshing got %+v, want invalid_grant", got)
		}
	})
	t.Run("no filter ends nothing, nor one that is not known", func(t *testing.T) {
		for _, body := range []string{`{}`, `{"clientid": "vault"}`, ``} {
			status, _ := fetch(t, http.DefaultClient, http.MethodPost, s.URLs.HydraAdmin+"/admin/identityd/tokens/end", body, "Content-Type: application/json")
			if status != http.StatusBadRequest {
				t.Errorf("%q: got %d, want 400", body, status)
			}
		}
	})
}
