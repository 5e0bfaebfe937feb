package claims_test

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/identity"
)

type block = map[string]map[string]any

func anna() identity.Identity {
	return identity.Identity{
		ID: "0193", SchemaID: "email@1", State: "active",
		CreatedAt: time.Unix(1700000000, 5), UpdatedAt: time.Unix(1800000000, 0),
		Traits: map[string]any{
			"email": "anna@example.com", "nickname": "Anni",
			"work": map[string]any{
				"email": "anna@work.example", "department": "R&D", "desks": []any{
					[]any{"A1", "A2"}, map[string]any{"room": "B3"},
				},
			},
			"age": 41.0, "vegan": false, "empty": "", "none": nil,
		},
		MetadataPublic: map[string]any{"plan": "gold"},
		MetadataAdmin:  map[string]any{"groups": []any{"staff", "admin"}, "cost_center": 7.0},
		VerifiableAddresses: []identity.VerifiableAddress{
			address("anna@example.com", "email", true), address("anna@work.example", "email", false),
		},
	}
}

func TestFor(t *testing.T) {
	type object = map[string]any
	tests := map[string]struct {
		block      block
		scopes     []string
		id, access object
	}{
		"a path goes into objects and lists": {
			block{"work": {
				"department": "traits.work.department", "desk": "traits.work.desks[0][1]", "room": "traits.work.desks[1].room",
			}},
			[]string{"work"},
			object{"department": "R&D", "desk": "A2", "room": "B3"},
			object{},
		},
		"values keep their type": {
			block{"work": {
				"age": "traits.age", "vegan": "traits.vegan", "desks": "traits.work.desks", "plan": "metadata_public.plan",
			}},
			[]string{"work"},
			object{
				"age": 41.0, "vegan": false, "plan": "gold",
				"desks": []any{[]any{"A1", "A2"}, object{"room": "B3"}},
			},
			object{},
		},
		"the identity's own fields, times in seconds": {
			block{"me": {
				"uid": "identity.id", "state": "identity.state", "schema": "identity.schema_id",
				"since": "identity.created_at", "seen": "identity.updated_at",
			}},
			[]string{"me"},
			object{
				"uid": "0193", "state": "active", "schema": "email@1",
				"since": int64(1700000000), "seen": int64(1800000000),
			},
			object{},
		},
		"what is missing, null, empty or of another shape is left out": {
			block{"x": {
				"a": "traits.nowhere.to.go", "b": "traits.none", "c": "traits.empty", "d": "traits.email.deep",
				"e": "traits.work[0]", "f": "traits.work.desks[9]", "g": "traits.work.desks.room", "h": "metadata_public.x",
			}},
			[]string{"x"},
			object{},
			object{},
		},
		"a scope that was not granted reveals nothing": {
			block{"work": {"department": "traits.work.department"}},
			[]string{"openid"},
			object{},
			object{},
		},
		"a scope is extended claim by claim, and a claim replaced": {
			block{"profile": {"department": "traits.work.department", "nickname": "metadata_public.plan"}},
			[]string{"profile"},
			object{"department": "R&D", "nickname": "gold", "updated_at": int64(1800000000)},
			object{},
		},
		"an empty source or null removes what is built in": {
			block{"profile": {"nickname": "", "updated_at": nil}, "email": {"email_verified": " "}},
			[]string{"profile", "email"},
			object{"email": "anna@example.com"},
			object{},
		},
		"access_token puts a claim into both": {
			block{"work": {
				"department": object{"from": "traits.work.department", "access_token": true},
				"plan":       object{"from": "metadata_public.plan", "access_token": false},
			}},
			[]string{"work"},
			object{"department": "R&D", "plan": "gold"},
			object{"department": "R&D"},
		},
		"access_token alone keeps the built-in source": {
			block{"groups": {"groups": object{"access_token": true}}, "email": {"email_verified": object{"access_token": true}}},
			[]string{"groups", "email"},
			object{"groups": []any{"staff", "admin"}, "email": "anna@example.com", "email_verified": true},
			object{"groups": []any{"staff", "admin"}, "email_verified": true},
		},
		"email_verified is asked of the email that is sent": {
			block{"email": {"email": "traits.work.email"}},
			[]string{"email"},
			object{"email": "anna@work.example", "email_verified": false},
			object{},
		},
		"email_verified follows an email that another scope replaces": {
			block{"work": {"email": "traits.work.email"}},
			[]string{"email", "work"},
			object{"email": "anna@work.example", "email_verified": false},
			object{},
		},
		"email_verified follows it in the other order of scopes too": {
			block{"work": {"email": "traits.work.email"}},
			[]string{"work", "email"},
			object{"email": "anna@work.example", "email_verified": false},
			object{},
		},
		"an email that was removed is not verified": {
			block{"email": {"email": nil}},
			[]string{"email"},
			object{},
			object{},
		},
		"two scopes may share a source, and one of them the access token": {
			block{
				"a": {"department": "traits.work.department"},
				"b": {"department": object{"from": "traits.work.department", "access_token": true}},
			},
			[]string{"b", "a"},
			object{"department": "R&D"},
			object{"department": "R&D"},
		},
		"a claim may be named by an address": {
			block{"work": {"https://example.com/claims/plan": "metadata_public.plan"}},
			[]string{"work"},
			object{"https://example.com/claims/plan": "gold"},
			object{},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			id, access := compile(t, tt.block).For(anna(), tt.scopes, nil)
			if diff := cmp.Diff(tt.id, id); diff != "" {
				t.Errorf("id token: %s", diff)
			}
			if diff := cmp.Diff(tt.access, access); diff != "" {
				t.Errorf("access token: %s", diff)
			}
		})
	}
}

func TestAnApplicationIsNarrowedToSomeClaims(t *testing.T) {
	person := identity.Identity{
		Traits:              map[string]any{"email": "a@b.c", "name": "Anna"},
		MetadataPublic:      map[string]any{"groups": []any{"staff"}},
		VerifiableAddresses: []identity.VerifiableAddress{{Value: "a@b.c", Via: "email", Verified: true}},
	}
	m := compile(t, block{"groups": {"groups": map[string]any{"access_token": true}}})
	for name, tt := range map[string]struct {
		only       []string
		id, access map[string]any
	}{
		"all, where it is not narrowed": {
			nil,
			map[string]any{"email": "a@b.c", "email_verified": true, "name": "Anna", "groups": []any{"staff"}},
			map[string]any{"groups": []any{"staff"}},
		},
		"those that are named": {[]string{"name", "groups"}, map[string]any{"name": "Anna", "groups": []any{"staff"}}, map[string]any{"groups": []any{"staff"}}},
		"none":                 {[]string{}, map[string]any{}, map[string]any{}},
		"whether an address is verified goes with the address alone": {[]string{"email_verified"}, map[string]any{}, map[string]any{}},
		"nothing that its scopes do not reveal":                      {[]string{"roles", "phone_number"}, map[string]any{}, map[string]any{}},
	} {
		t.Run(name, func(t *testing.T) {
			id, access := m.For(person, []string{"email", "profile", "groups"}, tt.only)
			if diff := cmp.Diff(tt.id, id); diff != "" {
				t.Errorf("id token: %s", diff)
			}
			if diff := cmp.Diff(tt.access, access); diff != "" {
				t.Errorf("access token: %s", diff)
			}
		})
	}
}

func TestNames(t *testing.T) {
	m := compile(t, block{
		"work":    {"department": map[string]any{"from": "traits.d", "access_token": true}},
		"address": {"address": ""},
		"groups":  {"groups": map[string]any{"access_token": true}},
		"profile": {
			"name": "", "given_name": "", "family_name": "", "middle_name": "", "profile": "", "picture": "",
			"website": "", "gender": "", "birthdate": "", "zoneinfo": "", "locale": "",
		},
		"nothing": {},
	})
	tests := map[string]struct{ got, want []string }{
		"scopes that reveal something": {
			m.Scopes(), []string{"email", "groups", "phone", "profile", "roles", "work"},
		},
		"claims of all scopes": {m.ClaimNames(), []string{
			"department", "email", "email_verified", "groups", "nickname", "phone_number", "phone_number_verified",
			"preferred_username", "roles", "updated_at",
		}},
		"claims of access tokens": {m.AccessTokenClaimNames(), []string{"department", "groups"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tt.got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSizes(t *testing.T) {
	m := compile(t, block{"big": {
		"a": "traits.a", "b": "traits.b", "c": "traits.c", "d": "traits.d", "email": "traits.email",
	}})
	var lines bytes.Buffer
	m.Log = slog.New(slog.NewTextHandler(&lines, nil))
	long := func(n int) string { return strings.Repeat("x", n) }
	tests := map[string]struct {
		traits map[string]any
		want   []string
	}{
		"a value of 4 KiB as JSON stays": {map[string]any{"a": long(4094)}, []string{"a"}},
		"a byte more is left out":        {map[string]any{"a": long(4095), "b": "small"}, []string{"b"}},
		"escapes count as they are sent": {map[string]any{"a": strings.Repeat("\x00", 700)}, nil},
		"too much together loses the largest first": {
			map[string]any{"a": long(2500), "b": long(2600), "c": long(2700), "d": long(1000)}, []string{"a", "b", "d"},
		},
		"of two as large the first by name goes": {
			map[string]any{"a": long(3000), "b": long(3000), "c": long(3000)}, []string{"b", "c"},
		},
		"an email that was left out is not verified either": {
			map[string]any{"email": long(4000), "a": long(3000), "b": long(3000)}, []string{"a", "b"},
		},
		"what is no JSON is left out": {map[string]any{"a": func() {}, "b": "fine"}, []string{"b"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			id, _ := m.For(identity.Identity{Traits: tt.traits}, []string{"big", "email"}, nil)
			var got []string
			for _, claim := range []string{"a", "b", "c", "d", "email", "email_verified"} {
				if _, ok := id[claim]; ok {
					got = append(got, claim)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	if got := strings.Count(lines.String(), "claim=a "); got != 1 {
		t.Errorf("claim a was reported %d times, want once:\n%s", got, lines.String())
	}
	if strings.Contains(lines.String(), "xxx") {
		t.Errorf("the log holds a value:\n%s", lines.String())
	}
}

func TestForIsSafeForConcurrentUse(t *testing.T) {
	m := compile(t, block{"big": {"a": "traits.a"}})
	m.Log = slog.New(slog.DiscardHandler)
	person := identity.Identity{Traits: map[string]any{"a": strings.Repeat("x", 5000), "email": "a@b.c"}}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if id, _ := m.For(person, []string{"big", "email"}, nil); len(id) != 2 {
				t.Errorf("got %v", id)
			}
		})
	}
	all.Wait()
}
