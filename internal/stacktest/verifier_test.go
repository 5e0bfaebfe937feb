package stacktest

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestAWrongVerifierDoesNotOpenTheDoorForNone redeems a code of somebody who began with PKCE: by a wrong verifier, then
// by none, as who has stolen the code and the client's secret would, and then by the right one: a code has one try.
func TestAWrongVerifierDoesNotOpenTheDoorForNone(t *testing.T) {
	notOnStandIn(t, onSQLite)
	s := Start(t, withFiles(t, map[string]string{"clients": vaultFile}))
	atHome(t, s, "ada@example.com")
	verifier := strings.Repeat("verifier", 8)
	sum := sha256.Sum256([]byte(verifier))
	b := NewBrowser(t)
	b.Open(s.URLs.Hydra + "/oauth2/auth?" + url.Values{
		"client_id": {"vault"}, "response_type": {"code"}, "scope": {"openid email offline_access"}, "state": {"state-state"},
		"redirect_uri": {vaultCallback}, "code_challenge_method": {"S256"}, "code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])},
	}.Encode())
	b.Submit("form", map[string]string{"identifier": "ada@example.com", "password": password, "method": "password"})
	b.Submit("form", map[string]string{"action": "allow"})
	for _, attempt := range []struct {
		name, verifier string
		want           int
	}{
		{"a wrong verifier", strings.Repeat("mistaken", 8), http.StatusBadRequest},
		{"none", "", http.StatusBadRequest},
		{"the right one", verifier, http.StatusBadRequest},
	} {
		t.Run(attempt.name, func(t *testing.T) {
			form := url.Values{"grant_type": {"authorization_code"}, "code": {b.URL.Query().Get("code")}, "redirect_uri": {vaultCallback}}
			if attempt.verifier != "" {
				form.Set("code_verifier", attempt.verifier)
			}
			if got := askToken(t, s, form); got.Status != attempt.want {
				t.Errorf("got %d %s, want %d", got.Status, got.Error, attempt.want)
			}
		})
	}
}
