package stacktest

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pquerna/otp/totp"
)

// vaultTokens signs somebody in at vault.
func vaultTokens(t *testing.T, s *Stack, email string) (*Browser, grant) {
	t.Helper()
	b := toVault(t, s, email)
	b.Submit("form", map[string]string{"action": "allow"})
	tokens := redeemCode(t, s, b.URL.Query().Get("code"))
	if tokens.Refresh == "" {
		t.Fatalf("got %+v, want tokens", tokens)
	}
	return b, tokens
}

// setUpTOTP sets an authenticator application up, and returns the maker of its codes.
func setUpTOTP(t *testing.T, s *Stack, b *Browser) (now func() string) {
	t.Helper()
	b.Open(s.URLs.UI + "/settings")
	secret, _ := node(t, b.flow(s), "totp_secret_key").Attributes.Text.Context["secret"].(string)
	now = func() string {
		code, err := totp.GenerateCode(secret, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	b.answer(s, map[string]string{"method": "totp", "totp_code": now()})
	if got := b.whoami(s); got == nil || got.AAL != "aal2" {
		t.Fatalf("got session %+v, want the one that set the factor up to have it", got)
	}
	return now
}

// ownChanges are what a person does with their own account: here they stay signed in, everywhere else they do not.
func ownChanges(t *testing.T, admin, s *Stack) {
	t.Helper()
	check := func(t *testing.T, here, elsewhere *Browser, tokens grant) {
		t.Helper()
		if got := signedIn(s, here); got == "" {
			t.Error("the browser that did it is signed out")
		}
		if elsewhere != nil {
			if got := signedIn(s, elsewhere); got != "" {
				t.Errorf("another browser is signed in: %s", got)
			}
		}
		if got := refresh(t, s, tokens.Refresh); got.Error != "invalid_grant" || introspects(t, s, tokens.Access) {
			t.Errorf("refreshing got %+v, want invalid_grant and no token that works", got)
		}
		here.Open(vaultAsks(s, "prompt", "none"))
		if got := here.URL.Query().Get("error"); got != "login_required" {
			t.Errorf("prompt=none got %s, want login_required", here.URL)
		}
		here.Open(vaultAsks(s))
		if here.URL.Path != "/consent" {
			t.Errorf("got to %s, want the question of the application, without the password", here.URL)
		}
	}
	t.Run("who changes the own password stays signed in here alone", func(t *testing.T) {
		const email = "petra@example.com"
		member(t, s, email)
		other := NewBrowser(t)
		signIn(other, s, email)
		b, tokens := vaultTokens(t, s, email)
		b.Open(s.URLs.UI + "/settings")
		b.answer(s, map[string]string{"method": "password", "password": "another-good-phrase-8"})
		check(t, b, other, tokens)
	})
	t.Run("so does who removes a factor, and who adds one loses nothing", func(t *testing.T) {
		const email = "fiona@example.com"
		member(t, s, email)
		b, tokens := vaultTokens(t, s, email)
		setUpTOTP(t, s, b)
		if tokens = refresh(t, s, tokens.Refresh); tokens.Refresh == "" {
			t.Fatalf("got %+v, want tokens: a factor that is added takes nothing away", tokens)
		}
		b.Open(s.URLs.UI + "/settings")
		b.answer(s, map[string]string{"method": "totp", "totp_unlink": "true"})
		check(t, b, nil, tokens)
	})
	t.Run("where an administrator removes a factor, nothing stays", func(t *testing.T) {
		const email = "hilda@example.com"
		id := member(t, s, email)
		b, tokens := vaultTokens(t, s, email)
		setUpTOTP(t, s, b)
		if got := remove(t, admin.URLs.KratosAdmin+"/admin/identities/"+id+"/credentials/totp"); got != http.StatusNoContent {
			t.Fatalf("got %d", got)
		}
		if got := signedIn(s, b); got != "" {
			t.Errorf("the browser is signed in: %s", got)
		}
		if got := refresh(t, s, tokens.Refresh); got.Error != "invalid_grant" {
			t.Errorf("refreshing got %+v, want invalid_grant", got)
		}
	})
	t.Run("a recovery ends all but its own session", func(t *testing.T) {
		const email = "rita@example.com"
		id := member(t, s, email)
		thief, tokens := vaultTokens(t, s, email)
		var made struct {
			Link string `json:"recovery_link"`
			Code string `json:"recovery_code"`
		}
		call(t, http.MethodPost, admin.URLs.KratosAdmin+"/admin/recovery/code", "application/json", `{"identity_id":"`+id+`"}`, nil, &made)
		b := NewBrowser(t)
		b.Open(made.Link)
		b.answer(s, map[string]string{"code": made.Code, "method": "code"})
		check(t, b, thief, tokens)
	})
	t.Run("what takes nothing away ends nothing", func(t *testing.T) {
		const email = "nora@example.com"
		id := member(t, s, email)
		b, tokens := vaultTokens(t, s, email)
		setState(t, admin, id, "active")
		putPerson(t, admin, id, `{"schema_id":"email@1","state":"active","traits":{"email":"`+email+`"},"metadata_public":{"plan":"gold"}}`)
		if got := signedIn(s, b); got == "" {
			t.Error("the browser is signed out")
		}
		if got := refresh(t, s, tokens.Refresh); got.Refresh == "" {
			t.Errorf("refreshing got %+v, want tokens", got)
		}
	})
}

// claimsOf reads the claims of a JWT.
func claimsOf(t *testing.T, token string) (out map[string]any) {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("got %q, want a JWT", token)
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestClaimsAreThoseOfNow changes somebody's groups: between the consent and the tokens, and between a refresh and
// the next.
func TestClaimsAreThoseOfNow(t *testing.T) {
	s := Start(t, orStandIn(t), withFiles(t, map[string]string{
		"clients": doorFile, "claims": "groups: {groups: {from: metadata_public.groups, access_token: true}}",
	}), Set("tokens.format", "jwt"))
	const email = "gerda@example.com"
	id := member(t, s, email)
	group := func(names ...string) {
		list, err := json.Marshal(map[string]any{"groups": names})
		if err != nil {
			t.Fatal(err)
		}
		putPerson(t, s, id, `{"schema_id":"email@1","state":"active","traits":{"email":"`+email+`"},"metadata_public":`+string(list)+`}`)
	}
	group("staff", "admins", "owners")
	b := toVault(t, s, email)
	b.Submit("form", map[string]string{"action": "allow"})
	group("staff", "admins")
	tokens := redeemCode(t, s, b.URL.Query().Get("code"))
	sid := claimsOf(t, tokens.ID)["sid"]
	check := func(when string, want any) {
		t.Helper()
		var userinfo map[string]any
		call(t, http.MethodGet, s.URLs.Hydra+"/userinfo", "", "", func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+tokens.Access) }, &userinfo)
		var introspected struct{ Ext map[string]any }
		sendFor(t, postForm(t, s.URLs.HydraAdmin+"/admin/oauth2/introspect", url.Values{"token": {tokens.Access}}), &introspected)
		id := claimsOf(t, tokens.ID)
		for where, got := range map[string]any{
			"ID token": id["groups"], "userinfo": userinfo["groups"], "introspection": introspected.Ext["groups"],
			"access token": claimsOf(t, tokens.Access)["groups"],
		} {
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, %s (-want +got):\n%s", when, where, diff)
			}
		}
		if id["sid"] != sid || sid == nil || id["email"] != email {
			t.Errorf("%s: got sid %v and email %v, want those of before", when, id["sid"], id["email"])
		}
	}
	check("at the code", []any{"staff", "admins"})
	group("staff")
	tokens = refresh(t, s, tokens.Refresh)
	check("at a refresh", []any{"staff"})
	putPerson(t, s, id, `{"schema_id":"email@1","state":"active","traits":{"email":"`+email+`"}}`)
	tokens = refresh(t, s, tokens.Refresh)
	check("without any", nil)
}
