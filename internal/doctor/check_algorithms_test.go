package doctor_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"example.com/identityd/internal/doctor"
)

func TestSigningAlgorithms(t *testing.T) {
	rsa := func(bits int) string { return base64.RawURLEncoding.EncodeToString(make([]byte, bits/8)) }
	for _, tt := range []struct {
		name, keys string
		level      doctor.Level
		text       string
	}{
		{"RSA and an elliptic curve are fine", `{"kid": "a", "kty": "RSA", "alg": "RS256", "n": "` + rsa(4096) + `"}, {"kid": "b", "kty": "EC", "alg": "ES256"}`, doctor.OK, "2 public keys: RS256, ES256"},
		{"a short RSA key is a fault", `{"kid": "a", "kty": "RSA", "alg": "RS256", "n": "` + rsa(1024) + `"}`, doctor.Fault, "key a: has 1024 bits, want 2048"},
		{"a shared secret is a fault", `{"kid": "a", "kty": "oct", "alg": "HS256"}`, doctor.Fault, "key a: alg is HS256"},
		{"no key is a fault", "", doctor.Fault, "applications get no key"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			hydra := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprintf(w, `{"keys": [%s]}`, tt.keys)
			}))
			t.Cleanup(hydra.Close)
			s := subject(t, nil)
			s.Process = &doctor.Process{Listeners: map[string]string{"hydra_public": hydra.Listener.Addr().String()}}
			want(t, examine(t, s, "secrets/algorithms", doctor.Options{}), tt.level, tt.text, "")
		})
	}
	t.Run("a socket is not asked", func(t *testing.T) {
		s := subject(t, nil)
		s.Process = &doctor.Process{Listeners: map[string]string{"hydra_public": "/run/hydra.sock"}}
		want(t, examine(t, s, "secrets/algorithms", doctor.Options{}), doctor.Skipped, "a socket", "")
	})
}
