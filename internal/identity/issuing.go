package identity

import "errors"

// GrantAuthorize is the grant of tokens that the authorization endpoint itself hands out (OAuth 2.0 Multiple
// Response Type Encoding Practices): whatever is asked for beside a code.
const GrantAuthorize = "authorize"

// Issuing is a token that is about to be issued or refreshed.
type Issuing struct {
	// Grant is the grant type: authorization_code, refresh_token, client_credentials, jwt-bearer in its long name, or
	// GrantAuthorize.
	Grant  string
	Client string
	// Subject is the person, empty where an application asks for itself.
	Subject string
	// Scopes and Audience are what was granted.
	Scopes, Audience []string
	// OnlyClaims are all that the client may get; nil is all that the scopes reveal.
	OnlyClaims []string
	// Claims are those of the ID token, which userinfo repeats, and AccessTokenClaims those of JWT access tokens and
	// introspection. What stands here in the end is issued.
	Claims, AccessTokenClaims map[string]any
}

// ErrNoAccess says that a person is inactive or gone: no token is issued, and what came of the same grant ends.
var ErrNoAccess = errors.New("the person is inactive or gone")
