package identity

import (
	"encoding/json"
	"time"
)

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
	SubjectType       string   `json:"subject_type"`
	SkipConsent       bool     `json:"skip_consent"`
	SkipLogoutConsent bool     `json:"skip_logout_consent"`
	// Metadata is the administrators', never the application's own word (docs/ory-quirks.md#q195).
	Metadata json.RawMessage `json:"metadata"`
}

// ClaimsKey is the key of a client's metadata that holds the only claims it may get.
const ClaimsKey = "identityd_claims"

// OnlyClaims returns the claims that a client's metadata narrows it to; nil is all of them. What is no list of
// texts lets nothing through: somebody meant to narrow.
func OnlyClaims(metadata []byte) []string {
	var all map[string]json.RawMessage
	if json.Unmarshal(metadata, &all) != nil {
		return nil
	}
	raw, narrowed := all[ClaimsKey]
	if !narrowed || string(raw) == "null" {
		return nil
	}
	only := []string{}
	if json.Unmarshal(raw, &only) != nil {
		return []string{}
	}
	return only
}

// LoginRequest is what Hydra asks the login page (Hydra: GET /admin/oauth2/auth/requests/login).
type LoginRequest struct {
	Challenge         string   `json:"challenge"`
	Client            Client   `json:"client"`
	RequestURL        string   `json:"request_url"`
	RequestedScope    []string `json:"requested_scope"`
	RequestedAudience []string `json:"requested_access_token_audience"`
	// Subject is the person of Hydra's remembered session; Skip says that there is one.
	Subject string `json:"subject"`
	Skip    bool   `json:"skip"`
	// SessionID is that of Hydra's session (the claim sid).
	SessionID string `json:"session_id"`
	// RequestedAt is when the application asked. It is zero in what a flow carries.
	RequestedAt time.Time     `json:"requested_at"`
	OpenID      OpenIDRequest `json:"oidc_context"`
}

// OpenIDRequest is what an application may say about the person it expects
// (OpenID Connect Core 1.0, section 3.1.2.1).
type OpenIDRequest struct {
	LoginHint   string         `json:"login_hint"`
	ACRValues   []string       `json:"acr_values"`
	UILocales   []string       `json:"ui_locales"`
	IDTokenHint map[string]any `json:"id_token_hint_claims"`
}

// LoginGrant answers a LoginRequest: who is signed in, since when, and how.
type LoginGrant struct {
	Subject string `json:"subject"`
	// SessionID is that of Kratos' session, which ends when Hydra's does.
	SessionID       string    `json:"session_id"`
	AuthenticatedAt time.Time `json:"authenticated_at"`
	AMR             []string  `json:"amr"`
	ACR             string    `json:"acr"`
	// Keep lets Hydra's session outlive the browser, for as many seconds as Kratos' may.
	Keep    bool  `json:"keep"`
	KeepFor int64 `json:"keep_for"`
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
