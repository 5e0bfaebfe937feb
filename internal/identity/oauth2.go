package identity

// Client is an OAuth2 client as a person may see it. Its URIs come from whoever registered it and
// are not to be trusted: show them only when they are https.
type Client struct {
	ID                string   `json:"client_id"`
	Name              string   `json:"client_name"`
	URI               string   `json:"client_uri"`
	LogoURI           string   `json:"logo_uri"`
	PolicyURI         string   `json:"policy_uri"`
	TermsOfServiceURI string   `json:"tos_uri"`
	RedirectURIs      []string `json:"redirect_uris"`
	SkipConsent       bool     `json:"skip_consent"`
	SkipLogoutConsent bool     `json:"skip_logout_consent"`
}

// LoginRequest is what Hydra asks the login page (Hydra: GET /admin/oauth2/auth/requests/login).
type LoginRequest struct {
	Challenge      string   `json:"challenge"`
	Client         Client   `json:"client"`
	RequestURL     string   `json:"request_url"`
	RequestedScope []string `json:"requested_scope"`
	Subject        string   `json:"subject"`
	Skip           bool     `json:"skip"`
}

// ConsentRequest is what Hydra asks the consent page
// (Hydra: GET /admin/oauth2/auth/requests/consent).
type ConsentRequest struct {
	Challenge         string   `json:"challenge"`
	Client            Client   `json:"client"`
	RequestURL        string   `json:"request_url"`
	RequestedScope    []string `json:"requested_scope"`
	RequestedAudience []string `json:"requested_access_token_audience"`
	Subject           string   `json:"subject"`
	Skip              bool     `json:"skip"`
}

// ConsentGrant is a person's answer to a ConsentRequest. Claims are those of the ID token, which
// userinfo repeats; AccessTokenClaims are those of JWT access tokens and of introspection.
type ConsentGrant struct {
	Scope             []string
	Audience          []string
	Remember          bool
	Claims            map[string]any
	AccessTokenClaims map[string]any
}

// LogoutRequest is what Hydra asks the logout page (Hydra: GET /admin/oauth2/auth/requests/logout).
// Client is nil when the logout did not come from an application.
type LogoutRequest struct {
	Challenge   string  `json:"challenge"`
	Subject     string  `json:"subject"`
	SessionID   string  `json:"sid"`
	RPInitiated bool    `json:"rp_initiated"`
	Client      *Client `json:"client"`
}
