package claims_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/claims"
)

func TestCompileRefuses(t *testing.T) {
	type object = map[string]any
	one := func(value any) block { return block{"work": {"desk": value}} }
	tests := map[string]struct {
		block block
		want  []string // path: message, one each
	}{
		"a claim of the protocol": {
			block{"profile": {"sub": "traits.id", "amr": nil, "events": object{"from": "traits.e"}}},
			[]string{
				"claims.profile.amr: amr is set by the protocol and cannot be mapped; choose another name",
				"claims.profile.events: events is set by the protocol and cannot be mapped; choose another name",
				"claims.profile.sub: sub is set by the protocol and cannot be mapped; choose another name",
			},
		},
		"the scopes that every application has": {
			block{"openid": {"desk": "traits.desk"}, "offline_access": nil},
			[]string{
				"claims.offline_access: offline_access asks for a refresh token and reveals nothing; " +
					"put the claim under profile or a scope of your own",
				"claims.openid: every sign-in asks for openid, so consent to the claim could not be refused; " +
					"put it under profile or a scope of your own",
			},
		},
		"a scope that no application could ask for": {
			block{"my scope": {}, "": {}, "work.*": {}},
			[]string{
				`claims[""]: the name of a scope has 1 to 100 characters`,
				`claims["my scope"]: "my scope" is no name of a scope; use printable ASCII without spaces, quotes, \ and *`,
				`claims["work.*"]: "work.*" is no name of a scope; use printable ASCII without spaces, quotes, \ and *`,
			},
		},
		"a claim without a proper name": {
			block{"work": {"": "traits.x", "a b": "traits.x", strings.Repeat("n", 101): "traits.x"}},
			[]string{
				"claims.work." + strings.Repeat("n", 101) + ": the name of a claim has 1 to 100 characters",
				`claims.work[""]: the name of a claim has 1 to 100 characters`,
				`claims.work["a b"]: "a b" is no name of a claim; use printable ASCII without spaces, quotes and \`,
			},
		},
		"an unknown root": {one("trait.desk"), []string{
			`claims.work.desk: "trait.desk" must begin with traits, metadata_public, metadata_admin or identity ` +
				`and a dot (did you mean traits.?)`,
		}},
		"a root alone": {one("metadata_admin"), []string{
			`claims.work.desk: "metadata_admin" names all of a person's metadata_admin; name one value in it, such as metadata_admin.name`,
		}},
		"a root with a dot and nothing after": {one("traits."), []string{
			`claims.work.desk: "traits." names all of a person's traits; name one value in it, such as traits.name`,
		}},
		"the index of a root": {one("traits[0]"), []string{
			`claims.work.desk: "traits[0]" must begin with traits, metadata_public, metadata_admin or identity ` +
				`and a dot (did you mean traits.?)`,
		}},
		"an unknown field of the identity": {one("identity.update_at"), []string{
			`claims.work.desk: "identity.update_at" is not known; identity has id, state, schema_id, created_at, ` +
				`updated_at (did you mean identity.updated_at?)`,
		}},
		"a segment that is none": {one("traits.a..b"), []string{
			`claims.work.desk: "traits.a..b" has the segment ""; a segment is letters, digits, _ and -, ` +
				`and may end with the index of a list such as [0]`,
		}},
		"a jsonnet-like path": {one(object{"from": "traits.a['b']"}), []string{
			`claims.work.desk.from: "traits.a['b']" has the segment "a['b']"; a segment is letters, digits, _ and -, ` +
				`and may end with the index of a list such as [0]`,
		}},
		"an index without an end": {one("traits.a[1"), []string{
			`claims.work.desk: "traits.a[1" has the segment "a[1"; a segment is letters, digits, _ and -, ` +
				`and may end with the index of a list such as [0]`,
		}},
		"an index beyond reason": {one("traits.a[99999999999999999999]"), []string{
			`claims.work.desk: "traits.a[99999999999999999999]" has the index "99999999999999999999"; the largest is 999`,
		}},
		"a path beyond reason": {one("traits" + strings.Repeat(".a", 17)), []string{
			`claims.work.desk: "traits` + strings.Repeat(".a", 17) + `" goes 17 levels down; 16 are possible`,
		}},
		"a source beyond reason": {one("traits." + strings.Repeat("a", 200)), []string{
			`claims.work.desk: "traits.` + strings.Repeat("a", 73) + `"... is longer than 200 bytes; choose a shorter path`,
		}},
		"a value of another type": {one(true), []string{
			"claims.work.desk: must be a source such as traits.desk, or { from: traits.desk, access_token: true }",
		}},
		"an unknown word": {one(object{"form": "traits.desk", "access_token": "yes"}), []string{
			"claims.work.desk: has no from, and scope work has no such claim built in; " +
				"say where its value is, such as from: traits.desk",
			"claims.work.desk.access_token: must be true or false",
			"claims.work.desk.form: is not known; a claim has from and access_token (did you mean from?)",
		}},
		"a from that is empty": {one(object{"from": ""}), []string{
			`claims.work.desk.from: must be a source such as traits.desk; to reveal nothing, write "" in place of the braces`,
		}},
		"the removal of what is not there": {
			block{"work": {"desk": ""}, "profile": {"nicknam": nil}},
			[]string{
				"claims.profile.nicknam: is empty, which removes a built-in claim, but scope profile has no such one (did you mean nickname?)",
				"claims.work.desk: is empty, which removes a built-in claim, but scope work has none; give it a source such as traits.desk",
			},
		},
		"one claim from two sources": {
			block{"a": {"desk": "traits.desk"}, "b": {"desk": object{"from": "traits.seat"}}},
			[]string{`claims.b.desk.from: desk comes from "traits.seat", but claims.a.desk says "traits.desk"; ` +
				"use one source for both, or another name"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m, problems := claims.Compile(tt.block)
			var got []string
			for _, p := range problems {
				got = append(got, p.String())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if m != nil {
				t.Error("there is a mapper beside the problems")
			}
		})
	}
}

func TestCompileRefusesEveryReservedClaim(t *testing.T) {
	for _, claim := range []string{
		"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "nonce", "auth_time", "acr", "amr", "azp", "sid", "at_hash",
		"c_hash", "s_hash", "scp", "scope", "client_id", "ext", "rat", "cnf", "act", "may_act", "events", "active", "token_type",
		"token_use", "_claim_names", "_claim_sources",
	} {
		if _, problems := claims.Compile(block{"work": {claim: "traits.x"}}); len(problems) != 1 {
			t.Errorf("%s: got %v", claim, problems)
		}
	}
}

func TestWarnings(t *testing.T) {
	m := compile(t, block{"work": {
		"roles": "traits.roles", "groups": "metadata_public.groups", "desk": "traits.desk",
		"email_verified": map[string]any{"from": "traits.ok"},
	}})
	want := []claims.Problem{
		{
			Path: "claims.work.email_verified.from",
			Message: "people can edit their own traits, and applications grant rights by email_verified; " +
				"metadata_admin is safer",
		},
		{
			Path: "claims.work.roles",
			Message: "people can edit their own traits, and applications grant rights by roles; " +
				"metadata_admin is safer",
		},
	}
	if diff := cmp.Diff(want, m.Warnings()); diff != "" {
		t.Error(diff)
	}
}
