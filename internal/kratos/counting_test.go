package kratos

import (
	"fmt"
	"testing"

	kidentity "github.com/ory/kratos/identity"
	"github.com/ory/kratos/selfservice/strategy/code"
)

// What is said once has to be what upstream says each time, of whomever.
func TestCodesAreCountedAsUpstreamCountsThem(t *testing.T) {
	for _, of := range []struct{ first, second bool }{{false, false}, {true, false}, {false, true}} {
		t.Run(fmt.Sprintf("a first factor %v, a second %v", of.first, of.second), func(t *testing.T) {
			e := opened(t, "counting", func(c *Config) {
				c.Extra = map[string]any{"selfservice": map[string]any{"methods": map[string]any{"code": map[string]any{
					"passwordless_enabled": of.first, "mfa_enabled": of.second,
				}}}}
			})
			theirs := code.NewStrategy(e.registry)
			ours := newCounting(theirs)
			for _, who := range []map[kidentity.CredentialsType]kidentity.Credentials{
				nil, {kidentity.CredentialsTypeCodeAuth: {Type: kidentity.CredentialsTypeCodeAuth, Config: []byte(`{"addresses":[{"channel":"email","address":"a@example.com"}]}`)}},
			} {
				want, wantErr := theirs.CountActiveFirstFactorCredentials(t.Context(), who)
				if got, err := ours.CountActiveFirstFactorCredentials(t.Context(), who); got != want || err != nil || wantErr != nil {
					t.Errorf("as a first factor: got %d, %v, want %d, %v", got, err, want, wantErr)
				}
				want, wantErr = theirs.CountActiveMultiFactorCredentials(t.Context(), who)
				if got, err := ours.CountActiveMultiFactorCredentials(t.Context(), who); got != want || err != nil || wantErr != nil {
					t.Errorf("as a second factor: got %d, %v, want %d, %v", got, err, want, wantErr)
				}
			}
		})
	}
}
