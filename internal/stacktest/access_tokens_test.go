package stacktest

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/google/go-cmp/cmp"
)

const orders = "https://orders.example.com"

const accessFile = vaultFile + `  audience: [` + orders + `]
- id: robot
  name: Robot
  secret: robot-secret-robot-secret
  grant_types: [client_credentials]
  scope: orders.read orders.write
`

// typeOf is what the header of a JWT says that it is.
func typeOf(t *testing.T, token string) string {
	t.Helper()
	head, _, _ := strings.Cut(token, ".")
	raw, err := base64.RawURLEncoding.DecodeString(head)
	if err != nil {
		t.Fatal(err)
	}
	var out struct{ Typ string }
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out.Typ
}

// verifiedClaims verifies a token of any audience as a service does that uses go-oidc.
func verifiedClaims(t *testing.T, s *Stack, token string) map[string]any {
	t.Helper()
	keys := oidc.NewRemoteKeySet(t.Context(), s.URLs.Hydra+"/.well-known/jwks.json")
	good, err := oidc.NewVerifier(strings.TrimSuffix(s.URLs.Hydra, "/"), keys, &oidc.Config{SkipClientIDCheck: true}).Verify(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := good.Claims(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

// accessTokenOf holds an access token against RFC 9068 and returns its claims without those that differ each time.
func accessTokenOf(t *testing.T, s *Stack, token string) map[string]any {
	t.Helper()
	if got := typeOf(t, token); got != "at+jwt" {
		t.Errorf("got the type %q, want at+jwt", got)
	}
	claims := verifiedClaims(t, s, token)
	for _, name := range []string{"iat", "nbf", "exp"} {
		if v, ok := claims[name].(float64); !ok || v < 1.7e9 {
			t.Errorf("%s: got %v, want a time", name, claims[name])
		}
		delete(claims, name)
	}
	if id, ok := claims["jti"].(string); !ok || len(id) < 16 {
		t.Errorf("jti: got %v, want one", claims["jti"])
	}
	delete(claims, "jti")
	delete(claims, "ext")
	return claims
}

// TestAccessTokensOfServices holds JWT access tokens of people and of machines, for a service and for nobody, against
// RFC 9068 (docs/ory-quirks.md#q233). ID tokens stay what they were.
func TestAccessTokensOfServices(t *testing.T) {
	s := Start(t, Set("tokens.format", "jwt"), withFiles(t, map[string]string{"clients": accessFile}))
	issuer := strings.TrimSuffix(s.URLs.Hydra, "/")
	ada := atHome(t, s, "ada@example.com")
	first := tokensOf(t, s, ada, "vault")
	want := map[string]any{
		"iss": issuer, "sub": verifiedClaims(t, s, first.ID)["sub"], "client_id": "vault", "aud": []any{issuer},
		"scope": "openid email offline_access", "scp": []any{"openid", "email", "offline_access"},
	}
	for name, token := range map[string]string{"a code": first.Access, "a refresh": refresh(t, s, first.Refresh).Access} {
		if diff := cmp.Diff(want, accessTokenOf(t, s, token)); diff != "" {
			t.Errorf("the access token of %s (-want +got):\n%s", name, diff)
		}
		if name == "a refresh" && (!introspects(t, s, token) || alive(t, s, token) != http.StatusOK) {
			t.Error("introspection or userinfo does not take it")
		}
	}
	if got := typeOf(t, first.ID); got != "JWT" {
		t.Errorf("got the type %q for an ID token, want JWT", got)
	}

	ada.Open(s.URLs.Hydra + "/oauth2/auth?" + authorization("vault") + "&audience=" + url.QueryEscape(orders))
	if ada.URL.Path == "/consent" {
		ada.Submit("form", map[string]string{"action": "allow"})
	}
	named := redeemCode(t, s, ada.URL.Query().Get("code"))
	want["aud"] = []any{orders}
	if diff := cmp.Diff(want, accessTokenOf(t, s, named.Access)); diff != "" {
		t.Errorf("the access token for a service (-want +got):\n%s", diff)
	}

	for scope, more := range map[string]map[string]any{
		"orders.read": {"scope": "orders.read", "scp": []any{"orders.read"}},
		"":            {"scp": []any{}},
	} {
		req := postForm(t, s.URLs.Hydra+"/oauth2/token", url.Values{"grant_type": {"client_credentials"}, "scope": {scope}})
		req.SetBasicAuth("robot", "robot-secret-robot-secret")
		var got grant
		sendFor(t, req, &got)
		want := map[string]any{"iss": issuer, "sub": "robot", "client_id": "robot", "aud": []any{issuer}}
		for k, v := range more {
			want[k] = v
		}
		if diff := cmp.Diff(want, accessTokenOf(t, s, got.Access)); diff != "" {
			t.Errorf("the access token of a machine with the scope %q (-want +got):\n%s", scope, diff)
		}
	}
	advertised(t, s)
	refusedClients(t, s)
	refusedTokens(t, s, first.Access)
}

// TestAccessTokensAsUpstreamMakesThem is for services that take no other type than JWT.
func TestAccessTokensAsUpstreamMakesThem(t *testing.T) {
	s := Start(t, Set("tokens.format", "jwt"), withFiles(t, map[string]string{"clients": vaultFile, "hydra": "strategies: {jwt: {scope_claim: list}}"}))
	token := tokensOf(t, s, atHome(t, s, "ada@example.com"), "vault").Access
	claims := verifiedClaims(t, s, token)
	if _, ok := claims["scope"]; ok || typeOf(t, token) != "JWT" {
		t.Errorf("got the type %s and %v, want JWT and no claim scope", typeOf(t, token), claims)
	}
	if diff := cmp.Diff([]any{}, claims["aud"]); diff != "" {
		t.Error(diff)
	}
	if !introspects(t, s, token) || alive(t, s, token) != http.StatusOK {
		t.Error("introspection or userinfo does not take it")
	}
}
