package claims_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/claims"
	"example.com/identityd/internal/identity"
)

func TestFor(t *testing.T) {
	changed := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	address := func(value, via string, verified bool) identity.VerifiableAddress {
		return identity.VerifiableAddress{Value: value, Via: via, Verified: verified}
	}
	tests := map[string]struct {
		person identity.Identity
		scopes []string
		want   map[string]any
	}{
		"no scope reveals nothing": {
			identity.Identity{Traits: map[string]any{"email": "a@b.c", "name": "Anna"}},
			[]string{"openid", "offline_access"},
			map[string]any{},
		},
		"email is the trait, verified by its own address whatever its case": {
			identity.Identity{
				Traits: map[string]any{"email": "Anna@B.c"},
				VerifiableAddresses: []identity.VerifiableAddress{
					address("other@b.c", "email", false), address("anna@b.c", "email", true),
				},
			},
			[]string{"email"},
			map[string]any{"email": "Anna@B.c", "email_verified": true},
		},
		"another verified address verifies nothing": {
			identity.Identity{
				Traits: map[string]any{"email": "a@b.c"},
				VerifiableAddresses: []identity.VerifiableAddress{
					address("x@b.c", "email", true), address("a@b.c", "sms", true),
					address("a@b.c", "email", false),
				},
			},
			[]string{"email"},
			map[string]any{"email": "a@b.c", "email_verified": false},
		},
		"without the trait the first address by mail is the email": {
			identity.Identity{VerifiableAddresses: []identity.VerifiableAddress{
				address("+4912", "sms", true), address("a@b.c", "email", true),
			}},
			[]string{"email"},
			map[string]any{"email": "a@b.c", "email_verified": true},
		},
		"nobody's email is left out, and so is whether it is verified": {
			identity.Identity{Traits: map[string]any{"email": 7, "username": "anna"}},
			[]string{"email"},
			map[string]any{},
		},
		"a profile with a name in one piece": {
			identity.Identity{
				Traits: map[string]any{
					"name": " Anna Schmidt ", "username": "anna", "picture": "https://a.example/p.png",
					"website": "https://a.example", "locale": "de", "zoneinfo": "Europe/Berlin",
					"birthdate": "1990-01-02", "gender": "", "role": "admin", "email": "a@b.c",
				},
				UpdatedAt: changed,
			},
			[]string{"profile"},
			map[string]any{
				"name": "Anna Schmidt", "preferred_username": "anna",
				"picture": "https://a.example/p.png", "website": "https://a.example", "locale": "de",
				"zoneinfo": "Europe/Berlin", "birthdate": "1990-01-02", "updated_at": changed.Unix(),
			},
		},
		"a name as Kratos' presets spell it": {
			identity.Identity{Traits: map[string]any{
				"name": map[string]any{"first": "Anna", "last": "Schmidt"},
			}},
			[]string{"profile"},
			map[string]any{"name": "Anna Schmidt", "given_name": "Anna", "family_name": "Schmidt"},
		},
		"a name of which one half is known": {
			identity.Identity{Traits: map[string]any{"name": map[string]any{"given": "Anna"}}},
			[]string{"profile"},
			map[string]any{"name": "Anna", "given_name": "Anna"},
		},
		"a claim that is not a string is left out": {
			identity.Identity{Traits: map[string]any{"name": []any{"x"}, "locale": 3.0}},
			[]string{"profile"},
			map[string]any{},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, claims.For(tt.person, tt.scopes)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
