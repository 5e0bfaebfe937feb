package stacktest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const byAssertion = "urn:ietf:params:oauth:grant-type:jwt-bearer"

// asserter is an issuer of assertions (RFC 7523) that an administrator trusts.
type asserter struct {
	id   string
	sign func(subject string) (assertion string)
}

func trusts(t *testing.T, admin, s *Stack, issuer, subject string) asserter {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	own := jose.JSONWebKey{Key: key, KeyID: rand.Text(), Algorithm: "ES256", Use: "sig"}
	var out struct{ ID string }
	raw := post(t, admin.URLs.HydraAdmin+"/admin/trust/grants/jwt-bearer/issuers", map[string]any{
		"issuer": issuer, "subject": subject, "allow_any_subject": subject == "", "scope": []string{"email"},
		"jwk": own.Public(), "expires_at": time.Now().Add(time.Hour),
	})
	if err := json.Unmarshal(raw, &out); err != nil || out.ID == "" {
		t.Fatalf("got %s (%v)", raw, err)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: own}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return asserter{out.ID, func(subject string) string {
		t.Helper()
		now := time.Now()
		claims, err := json.Marshal(map[string]any{
			"iss": issuer, "sub": subject, "aud": s.URLs.Hydra + "/oauth2/token", "jti": rand.Text(),
			"iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(),
		})
		if err != nil {
			t.Fatal(err)
		}
		signed, err := signer.Sign(claims)
		if err != nil {
			t.Fatal(err)
		}
		text, err := signed.CompactSerialize()
		if err != nil {
			t.Fatal(err)
		}
		return text
	}}
}

// untrusted: what an issuer asserted ends with the trust in it, and nothing else does.
func untrusted(t *testing.T, admin, s *Stack) {
	post(t, admin.URLs.HydraAdmin+"/admin/clients", map[string]any{
		"client_id": "asserting", "client_secret": "asserting-secret-asserting", "scope": "email",
		"grant_types": []string{byAssertion, "client_credentials"}, "token_endpoint_auth_method": "client_secret_post",
	})
	token := func(form url.Values) string {
		t.Helper()
		form.Set("client_id", "asserting")
		form.Set("client_secret", "asserting-secret-asserting")
		form.Set("scope", "email")
		var g grant
		if status := sendFor(t, postForm(t, s.URLs.Hydra+"/oauth2/token", form), &g); status != http.StatusOK {
			t.Fatalf("got %d %s", status, g.Error)
		}
		return g.Access
	}
	asserted := func(by asserter, subject string) string {
		t.Helper()
		return token(url.Values{"grant_type": {byAssertion}, "assertion": {by.sign(subject)}})
	}
	robot, every := trusts(t, admin, s, "https://robots.invalid", "robot"), trusts(t, admin, s, "https://every.invalid", "")
	gone, other := asserted(robot, "robot"), asserted(every, "somebody")
	solo := token(url.Values{"grant_type": {"client_credentials"}})
	const email = "trusting@example.com"
	member(t, s, email)
	_, person := vaultTokens(t, s, email)
	active := func(want map[string]bool) {
		t.Helper()
		for token, want := range want {
			if got := introspects(t, s, token); got != want {
				t.Errorf("a token is active: %t, want %t", got, want)
			}
		}
	}
	active(map[string]bool{gone: true, other: true, solo: true, person.Access: true})
	untrust := func(by asserter) {
		t.Helper()
		if got := remove(t, admin.URLs.HydraAdmin+"/admin/trust/grants/jwt-bearer/issuers/"+by.id); got != http.StatusNoContent {
			t.Fatalf("got %d", got)
		}
	}
	untrust(robot)
	active(map[string]bool{gone: false, other: true, solo: true, person.Access: true})
	untrust(every)
	active(map[string]bool{other: false, solo: true, person.Access: true})
}
