package hydra

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"example.com/identityd/internal/declare"
	"example.com/identityd/internal/identity"
)

// oauth2Client is a client in Hydra's words (hydra: client/client.go). Lists are always sent: a PUT
// replaces the client, and null would be stored where Hydra expects a list.
type oauth2Client struct {
	ID                     string          `json:"client_id"`
	Name                   string          `json:"client_name"`
	Secret                 string          `json:"client_secret,omitempty"`
	RedirectURIs           []string        `json:"redirect_uris"`
	PostLogoutRedirectURIs []string        `json:"post_logout_redirect_uris"`
	AllowedCORSOrigins     []string        `json:"allowed_cors_origins"`
	GrantTypes             []string        `json:"grant_types"`
	ResponseTypes          []string        `json:"response_types"`
	Scope                  string          `json:"scope"`
	Audience               []string        `json:"audience"`
	AuthMethod             string          `json:"token_endpoint_auth_method,omitempty"`
	JWKSURI                string          `json:"jwks_uri,omitempty"`
	AccessTokenStrategy    string          `json:"access_token_strategy,omitempty"`
	SkipConsent            bool            `json:"skip_consent"`
	SkipLogoutConsent      bool            `json:"skip_logout_consent"`
	FrontchannelLogoutURI  string          `json:"frontchannel_logout_uri,omitempty"`
	FrontchannelSession    bool            `json:"frontchannel_logout_session_required,omitempty"`
	BackchannelLogoutURI   string          `json:"backchannel_logout_uri,omitempty"`
	BackchannelSession     bool            `json:"backchannel_logout_session_required,omitempty"`
	URI                    string          `json:"client_uri"`
	LogoURI                string          `json:"logo_uri"`
	PolicyURI              string          `json:"policy_uri"`
	TermsURI               string          `json:"tos_uri"`
	Contacts               []string        `json:"contacts"`
	CreatedAt              *time.Time      `json:"created_at,omitempty"`
	Metadata               json.RawMessage `json:"metadata,omitempty"`
}

func clientBody(c declare.Client, metadata json.RawMessage) oauth2Client {
	return oauth2Client{
		ID:                     c.ID,
		Name:                   c.Name,
		Secret:                 c.Secret,
		RedirectURIs:           orEmpty(c.RedirectURIs),
		PostLogoutRedirectURIs: orEmpty(c.PostLogoutRedirectURIs),
		AllowedCORSOrigins:     orEmpty(c.Origins),
		GrantTypes:             orEmpty(c.GrantTypes),
		ResponseTypes:          orEmpty(c.ResponseTypes),
		Scope:                  strings.Join(c.Scopes, " "),
		Audience:               orEmpty(c.Audience),
		AuthMethod:             c.AuthMethod,
		JWKSURI:                c.JWKSURI,
		AccessTokenStrategy:    c.AccessTokens,
		SkipConsent:            c.SkipConsent,
		SkipLogoutConsent:      c.SkipLogoutConsent,
		FrontchannelLogoutURI:  c.FrontchannelLogoutURI,
		FrontchannelSession:    c.FrontchannelLogoutURI != "",
		BackchannelLogoutURI:   c.BackchannelLogoutURI,
		BackchannelSession:     c.BackchannelLogoutURI != "",
		URI:                    c.URI,
		LogoURI:                c.LogoURI,
		PolicyURI:              c.PolicyURI,
		TermsURI:               c.TermsURI,
		Contacts:               orEmpty(c.Contacts),
		Metadata:               metadata,
	}
}

// declaredClient is clientBody backwards, without the secret.
func declaredClient(c oauth2Client) declare.Client {
	return declare.Client{
		ID: c.ID, Name: c.Name, RedirectURIs: c.RedirectURIs, PostLogoutRedirectURIs: c.PostLogoutRedirectURIs,
		Origins: c.AllowedCORSOrigins, GrantTypes: c.GrantTypes, ResponseTypes: c.ResponseTypes,
		Scopes: strings.Fields(c.Scope), Audience: c.Audience, AuthMethod: c.AuthMethod, JWKSURI: c.JWKSURI,
		AccessTokens: c.AccessTokenStrategy, SkipConsent: c.SkipConsent, SkipLogoutConsent: c.SkipLogoutConsent,
		FrontchannelLogoutURI: c.FrontchannelLogoutURI, BackchannelLogoutURI: c.BackchannelLogoutURI,
		URI: c.URI, LogoURI: c.LogoURI, PolicyURI: c.PolicyURI, TermsURI: c.TermsURI, Contacts: c.Contacts,
		Claims: identity.OnlyClaims(c.Metadata),
	}
}

// narrowed returns metadata that lets the client get these claims only, all other keys as they were; none lets
// it get all.
func narrowed(metadata json.RawMessage, claims []string) (json.RawMessage, error) {
	all := map[string]json.RawMessage{}
	if len(metadata) > 0 {
		if err := json.Unmarshal(metadata, &all); err != nil {
			return nil, fmt.Errorf("decoding metadata: %w", err)
		}
	}
	delete(all, identity.ClaimsKey)
	if len(claims) > 0 {
		list, err := json.Marshal(claims)
		if err != nil {
			return nil, fmt.Errorf("encoding metadata: %w", err)
		}
		all[identity.ClaimsKey] = list
	}
	out, err := json.Marshal(all)
	if err != nil {
		return nil, fmt.Errorf("encoding metadata: %w", err)
	}
	return out, nil
}
