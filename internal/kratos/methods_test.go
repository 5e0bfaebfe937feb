package kratos

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/ory"
)

func TestKratosTakesOurSettings(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"with everything on": func(*Config) {},
		"with nothing on":    func(c *Config) { c.Login, c.Mail = Login{}, nil },
		"without a second factor, with codes and links": func(c *Config) {
			c.Login = Login{Code: true, IdentifierFirst: true}
			c.Links = true
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := sample()
			c.Log = slog.New(slog.DiscardHandler)
			c.Schemas = []Schema{{ID: "email@1", Raw: []byte(`{"type":"object","properties":{"traits":{"type":"object","properties":{"email":{"type":"string"}}}}}`)}}
			change(&c)
			if err := CheckSettings(context.Background(), c); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestTheMapper runs our Jsonnet as Kratos does, with what providers say of people.
func TestTheMapper(t *testing.T) {
	const ann = `{"sub":"1","email":"ann@example.com","name":"Ann","email_verified":true}`
	email := []string{"email", "name"}
	for _, tt := range []struct {
		name, claims string
		p            Provider
		want         string
	}{
		{
			"an address that the provider vouches for is verified", ann,
			Provider{Kind: "google", Traits: email},
			`{"identity":{"traits":{"email":"ann@example.com","name":"Ann"},"verified_addresses":[{"via":"email","value":"ann@example.com"}]}}`,
		},
		{
			"an address that it does not vouch for is not", `{"sub":"1","email":"ann@example.com"}`,
			Provider{Kind: "generic", Traits: email},
			`{"identity":{"traits":{"email":"ann@example.com"}}}`,
		},
		{
			"an address that is said not to be verified is not", `{"sub":"1","email":"ann@example.com","email_verified":false}`,
			Provider{Kind: "github", Traits: email},
			`{"identity":{"traits":{"email":"ann@example.com"}}}`,
		},
		{
			"microsoft's word on an address is not taken", ann,
			Provider{Kind: "microsoft", Traits: email},
			`{"identity":{"traits":{"email":"ann@example.com","name":"Ann"}}}`,
		},
		{
			"microsoft's word on the owner of a domain is",
			`{"sub":"1","email":"ann@example.com","raw_claims":{"xms_edov":"1"}}`,
			Provider{Kind: "microsoft", Traits: email},
			`{"identity":{"traits":{"email":"ann@example.com"},"verified_addresses":[{"via":"email","value":"ann@example.com"}]}}`,
		},
		{
			"a name in two pieces becomes one, and what the schema does not know is left out",
			`{"sub":"1","email":"ann@example.com","given_name":"Ann","family_name":"Example"}`,
			Provider{Kind: "apple", Traits: []string{"name", "username"}},
			`{"identity":{"traits":{"name":"Ann Example"}}}`,
		},
		{
			"nothing that is no text gets through", `{"sub":"1","email":["a"],"name":{"a":1},"email_verified":true}`,
			Provider{Kind: "generic", Traits: email},
			`{"identity":{"traits":{}}}`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			vm, err := ory.NewJsonnet().JsonnetVM(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			vm.ExtCode("claims", tt.claims)
			out, err := vm.EvaluateAnonymousSnippet("mapper", mapper(tt.p))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(decoded(t, tt.want), decoded(t, out)); diff != "" {
				t.Errorf("what is mapped differs (-want +got):\n%s", diff)
			}
		})
	}
}

func decoded(t *testing.T, text string) (out any) {
	t.Helper()
	if err := json.NewDecoder(strings.NewReader(text)).Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}
