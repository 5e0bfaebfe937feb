package kratos

import (
	"io"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestWhatAFormOfSettingsAsksFor(t *testing.T) {
	tests := []struct{ name, kind, body, want string }{
		{"a new password", "application/x-www-form-urlencoded", "method=password&password=secret", "PasswordChanged "},
		{"a new name", "application/json", `{"method":"profile","traits":{"name":"x"}}`, "ProfileChanged "},
		{"an authenticator", "application/x-www-form-urlencoded", "method=totp&totp_code=123456", "FactorAdded totp"},
		{"no authenticator any more", "application/json", `{"method":"totp","totp_unlink":true}`, "FactorRemoved totp"},
		{"it stays", "application/json", `{"method":"totp","totp_unlink":false,"totp_code":"1"}`, "FactorAdded totp"},
		{"a key is removed beside fields of its kind", "application/x-www-form-urlencoded", "webauthn_remove=ab&webauthn_register=", "FactorRemoved webauthn"},
		{"a provider", "application/x-www-form-urlencoded", "link=google", "ProviderLinked "},
		{"nothing known", "application/x-www-form-urlencoded", "csrf_token=x", " "},
		{"no form", "text/plain", "method=password", " "},
		{"broken", "application/json", `{"method":`, " "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest("POST", "/self-service/settings", strings.NewReader(tt.body))
			r.Header.Set("Content-Type", tt.kind)
			kind, what := change(posted(r))
			if got := kind + " " + what; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if left, err := io.ReadAll(r.Body); err != nil || string(left) != tt.body {
				t.Errorf("got %q, %v left of the body", left, err)
			}
		})
	}
}
