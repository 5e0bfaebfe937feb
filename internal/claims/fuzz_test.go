package claims_test

import (
	"encoding/json"
	"testing"

	"example.com/identityd/internal/claims"
	"example.com/identityd/internal/identity"
)

// FuzzCompile gives Compile whatever YAML could: it must name a problem or make a mapper that works.
func FuzzCompile(f *testing.F) {
	for _, seed := range []string{
		`{"profile":{"department":"traits.work.department","nickname":{"from":"traits.nick[0]","access_token":true}}}`,
		`{"groups":{"groups":{"access_token":true}},"email":{"email":null,"email_verified":""}}`,
		`{"openid":{"sub":"traits.x"},"":{"":""},"a b":null}`,
		`{"x":{"y":"traits.a[99999999999999999999].b["}}`,
		`{"x":{"y":["traits.a"],"z":1e400}}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		var in map[string]map[string]any
		if json.Unmarshal([]byte(raw), &in) != nil {
			t.Skip("not the shape of the block")
		}
		m, problems := claims.Compile(in)
		if (m == nil) == (len(problems) == 0) {
			t.Fatalf("mapper %v with problems %v", m, problems)
		}
		for _, p := range problems {
			if p.Path == "" || p.Message == "" {
				t.Errorf("problem without words: %#v", p)
			}
		}
		if m == nil {
			return
		}
		id, _ := m.For(anna(), m.Scopes(), nil)
		for _, claim := range []string{"sub", "iss", "aud", "amr", "acr", "sid", "nonce"} {
			if value, ok := id[claim]; ok {
				t.Errorf("%s is %v", claim, value)
			}
		}
	})
}

// FuzzFor gives a mapper whatever a person's traits and metadata could hold.
func FuzzFor(f *testing.F) {
	for _, seed := range []string{
		`{"email":"a@b.c","name":{"first":"A"},"a":{"b":[1,{"c":true}]}}`,
		`{"email":["a"],"name":[[]],"a":[[[[]]]],"address":{"locality":7}}`,
		`{"a":{"b":null},"phone":"\u0000","groups":{"groups":[null]},"address":null}`,
		`{"a":{"b":[0,[1e308,-0.0,"\ud800"]]}}`,
	} {
		f.Add(seed)
	}
	m := compile(f, block{"all": {
		"a": "traits.a", "b": "traits.a.b", "c": map[string]any{"from": "traits.a.b[1].c", "access_token": true},
		"d": "metadata_admin.a.b[0]", "e": "metadata_public.groups.groups",
	}})
	f.Fuzz(func(t *testing.T, raw string) {
		var in map[string]any
		if json.Unmarshal([]byte(raw), &in) != nil {
			t.Skip("traits are an object")
		}
		id, access := m.For(identity.Identity{Traits: in, MetadataAdmin: in, MetadataPublic: in}, m.Scopes(), nil)
		for claim := range access {
			if _, ok := id[claim]; !ok {
				t.Errorf("%s is in the access token alone", claim)
			}
		}
		for claim, value := range id {
			if value == nil || value == "" {
				t.Errorf("%s is %#v", claim, value)
			}
		}
		sent, err := json.Marshal(id)
		if err != nil {
			t.Fatal(err)
		}
		// The bounds of size.go, and the claims that say true or false.
		if len(sent) > 8<<10+100 {
			t.Errorf("%d bytes of claims", len(sent))
		}
	})
}
