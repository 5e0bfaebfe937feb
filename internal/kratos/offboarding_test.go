package kratos

import (
	"testing"

	"github.com/gofrs/uuid"
	kidentity "github.com/ory/kratos/identity"
	"github.com/ory/x/sqlxx"

	"example.com/identityd/internal/offboard"
)

// proving is a person who signs in with what is given, by kind.
func proving(state kidentity.State, configs map[kidentity.CredentialsType]string) *kidentity.Identity {
	i := &kidentity.Identity{ID: uuid.Must(uuid.NewV4()), State: state, Credentials: map[kidentity.CredentialsType]kidentity.Credentials{}}
	for kind, config := range configs {
		i.Credentials[kind] = kidentity.Credentials{Type: kind, Config: sqlxx.JSONRawMessage(config)}
	}
	return i
}

func TestWhatAnUpdateTakesAway(t *testing.T) {
	type configs = map[kidentity.CredentialsType]string
	const (
		password = kidentity.CredentialsTypePassword
		totp     = kidentity.CredentialsTypeTOTP
		codes    = kidentity.CredentialsTypeLookup
		keys     = kidentity.CredentialsTypeWebAuthn
		passkeys = kidentity.CredentialsTypePasskey
		social   = kidentity.CredentialsTypeOIDC
		active   = kidentity.StateActive
	)
	for name, tt := range map[string]struct {
		before, after configs
		state         kidentity.State
		want          string
	}{
		"nothing":                      {configs{password: `{"hashed_password":"a"}`}, configs{password: `{"hashed_password":"a"}`}, active, ""},
		"another password":             {configs{password: `{"hashed_password":"a"}`}, configs{password: `{"hashed_password":"b"}`}, active, offboard.PasswordChanged},
		"no password any more":         {configs{password: `{"hashed_password":"a"}`}, configs{}, active, offboard.PasswordChanged},
		"the first password":           {configs{}, configs{password: `{"hashed_password":"a"}`}, active, ""},
		"the right to sign in":         {configs{}, configs{}, kidentity.StateInactive, offboard.Deactivated},
		"an authenticator app":         {configs{totp: `{"totp_url":"otpauth://x"}`}, configs{}, active, offboard.FactorRemoved},
		"an authenticator app is new":  {configs{}, configs{totp: `{"totp_url":"otpauth://x"}`}, active, ""},
		"a code that was used":         {configs{codes: `{"recovery_codes":[{"code":"x"}]}`}, configs{codes: `{"recovery_codes":[{"code":"x","used_at":"2026-01-01T00:00:00Z"}]}`}, active, ""},
		"all codes":                    {configs{codes: `{"recovery_codes":[{"code":"x"}]}`}, configs{}, active, offboard.FactorRemoved},
		"a row that was never used":    {configs{keys: `{"user_handle":"YQ=="}`}, configs{}, active, ""},
		"one key of two":               {configs{keys: `{"credentials":[{"id":"YQ=="},{"id":"Yg=="}]}`}, configs{keys: `{"credentials":[{"id":"Yg=="}]}`}, active, offboard.FactorRemoved},
		"a key that counts further":    {configs{keys: `{"credentials":[{"id":"YQ==","authenticator":{"sign_count":1}}]}`}, configs{keys: `{"credentials":[{"id":"YQ==","authenticator":{"sign_count":2}}]}`}, active, ""},
		"a passkey for another one":    {configs{passkeys: `{"credentials":[{"id":"YQ=="}]}`}, configs{passkeys: `{"credentials":[{"id":"Yg=="}]}`}, active, offboard.FactorRemoved},
		"an account elsewhere":         {configs{social: `{"providers":[{"provider":"google","subject":"1"},{"provider":"github","subject":"1"}]}`}, configs{social: `{"providers":[{"provider":"google","subject":"1"}]}`}, active, offboard.FactorRemoved},
		"new tokens of another system": {configs{social: `{"providers":[{"provider":"google","subject":"1"}]}`}, configs{social: `{"providers":[{"provider":"google","subject":"1","initial_id_token":"x"}]}`}, active, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := taken(provableOf(proving(active, tt.before)), proving(tt.state, tt.after)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
