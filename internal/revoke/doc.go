// Package revoke remembers the families of tokens that could not be revoked when a token was used a
// second time, and revokes them until it worked.
package revoke
