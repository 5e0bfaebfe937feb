// Package claims turns a person and the granted scopes into OpenID Connect claims.
//
// What each scope reveals is built in (builtin.go) and extended by the claims: block of stack.yaml,
// scope by scope and claim by claim:
//
//	claims:
//	  profile:
//	    department: traits.work.department
//	    nickname: { from: "traits.nicknames[0]", access_token: true }
//	    birthdate: ""                          # no longer revealed
//	  groups:
//	    groups: { access_token: true }         # the built-in one, in access tokens too
//
// A source is a dotted path into traits, metadata_public or metadata_admin, with the index of a list
// in brackets, or one of identity.id, identity.state, identity.schema_id, identity.created_at and
// identity.updated_at (Unix seconds). Where a person has no value the claim is left out.
package claims
