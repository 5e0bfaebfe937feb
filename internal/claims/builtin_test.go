package claims_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/claims"
	"example.com/identityd/internal/identity"
)

func compile(t testing.TB, block map[string]map[string]any) *claims.Mapper {
	t.Helper()
	m, problems := claims.Compile(block)
	if len(problems) > 0 {
		t.Fatalf("the block has problems: %v", problems)
	}
	return m
}

func address(value, via string, verified bool) identity.VerifiableAddress {
	return identity.VerifiableAddress{Value: value, Via: via, Verified: verified}
}

func TestBuiltIn(t *testing.T) {
	changed := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	tests := map[string]struct {
		person identity.Identity
		scopes []string
		want   map[string]any
	}{
		"no scope reveals nothing": {
			identity.Identity{Traits: map[string]any{"email": "a@b.c", "name": "Anna"}},
			[]string{"openid", "offline_access", "unknown"},
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
		"a letter that only looks the same to Unicode verifies nothing": {
			identity.Identity{
				Traits:              map[string]any{"email": "bo\u017fs@b.c"},
				VerifiableAddresses: []identity.VerifiableAddress{address("boss@b.c", "email", true)},
			},
			[]string{"email"},
			map[string]any{"email": "bo\u017fs@b.c", "email_verified": false},
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
					"nickname": "Anni", "middle_name": "Maria", "profile": "https://a.example/anna",
				},
				UpdatedAt: changed,
			},
			[]string{"profile"},
			map[string]any{
				"name": "Anna Schmidt", "preferred_username": "anna",
				"picture": "https://a.example/p.png", "website": "https://a.example", "locale": "de",
				"zoneinfo": "Europe/Berlin", "birthdate": "1990-01-02", "updated_at": changed.Unix(),
				"nickname": "Anni", "middle_name": "Maria", "profile": "https://a.example/anna",
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
		"a phone is verified by text message only": {
			identity.Identity{
				Traits: map[string]any{"phone": "+491234"},
				VerifiableAddresses: []identity.VerifiableAddress{
					address("+491234", "email", true), address("+491234", "sms", true),
				},
			},
			[]string{"phone"},
			map[string]any{"phone_number": "+491234", "phone_number_verified": true},
		},
		"phone_number is preferred to phone, and unverified until proved": {
			identity.Identity{Traits: map[string]any{"phone": "1", "phone_number": "2"}},
			[]string{"phone"},
			map[string]any{"phone_number": "2", "phone_number_verified": false},
		},
		"without a trait the phone is the first address by text message": {
			identity.Identity{VerifiableAddresses: []identity.VerifiableAddress{address("+49", "sms", false)}},
			[]string{"phone"},
			map[string]any{"phone_number": "+49", "phone_number_verified": false},
		},
		"an address in one piece is its formatted member": {
			identity.Identity{Traits: map[string]any{"address": "Am Markt 1, Bremen"}},
			[]string{"address"},
			map[string]any{"address": map[string]any{"formatted": "Am Markt 1, Bremen"}},
		},
		"an address in parts keeps what the standard knows": {
			identity.Identity{Traits: map[string]any{"address": map[string]any{
				"locality": "Bremen", "postal_code": "28195", "door_code": "1234", "country": 49,
			}}},
			[]string{"address"},
			map[string]any{"address": map[string]any{"locality": "Bremen", "postal_code": "28195"}},
		},
		"an address without a known part is left out": {
			identity.Identity{Traits: map[string]any{"address": map[string]any{"door_code": "1234"}}},
			[]string{"address"},
			map[string]any{},
		},
		"groups and roles are those of an administrator first, then of public metadata": {
			identity.Identity{
				Traits:         map[string]any{"groups": []any{"root"}, "roles": []any{"root"}},
				MetadataAdmin:  map[string]any{"groups": []any{"staff"}},
				MetadataPublic: map[string]any{"groups": []any{"public"}, "roles": []any{"editor"}},
			},
			[]string{"groups", "roles"},
			map[string]any{"groups": []any{"staff"}, "roles": []any{"editor"}},
		},
		"an administrator's empty list is an answer": {
			identity.Identity{
				MetadataAdmin:  map[string]any{"groups": []any{}},
				MetadataPublic: map[string]any{"groups": []any{"old"}},
			},
			[]string{"groups"},
			map[string]any{"groups": []any{}},
		},
		"traits never make groups or roles": {
			identity.Identity{Traits: map[string]any{"groups": []any{"root"}, "roles": []any{"root"}}},
			[]string{"groups", "roles"},
			map[string]any{},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			id, access := compile(t, nil).For(tt.person, tt.scopes, nil)
			if diff := cmp.Diff(tt.want, id); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(map[string]any{}, access); diff != "" {
				t.Errorf("the access token has %s", diff)
			}
		})
	}
}

func TestZeroMapperRevealsNothing(t *testing.T) {
	var m claims.Mapper
	id, access := m.For(identity.Identity{Traits: map[string]any{"email": "a@b.c"}}, []string{"email"}, nil)
	if len(id) > 0 || len(access) > 0 || id == nil || access == nil {
		t.Errorf("got %#v, %#v", id, access)
	}
}
