// Package claims turns a person and the granted scopes into OpenID Connect claims.
package claims
