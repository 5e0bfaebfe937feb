package stack

import (
	"example.com/identityd/internal/config"
	"example.com/identityd/internal/declare"
	"example.com/identityd/internal/ui"
)

// logos are the images of the file, by client.
func logos(list []config.Client) map[string]ui.Image {
	out := map[string]ui.Image{}
	for _, c := range list {
		if len(c.Logo.Data) > 0 {
			out[c.ID] = ui.Image{Data: c.Logo.Data, Type: c.Logo.Type}
		}
	}
	return out
}

// declared translates user words into those of declare. It is pure.
func declared(list []config.Client) []declare.Client {
	var out []declare.Client
	for _, c := range list {
		out = append(out, declare.Client{
			ID: c.ID, Name: c.Name, Secret: c.Secret.Reveal(),
			RedirectURIs: c.RedirectURIs, PostLogoutRedirectURIs: c.PostLogoutRedirectURIs,
			Origins: c.Origins, GrantTypes: c.GrantTypes, ResponseTypes: c.ResponseTypes,
			Scopes: c.Scope, Audience: c.Audience, AuthMethod: string(c.TokenEndpointAuthMethod),
			AccessTokens: string(c.AccessTokenStrategy), SkipConsent: c.SkipConsent,
			SkipLogoutConsent: c.SkipLogoutConsent, FrontchannelLogoutURI: c.FrontchannelLogoutURI,
			BackchannelLogoutURI: c.BackchannelLogoutURI,
			URI:                  c.ClientURI, LogoURI: c.LogoURI, PolicyURI: c.PolicyURI, TermsURI: c.TOSURI,
			Contacts: c.Contacts, Claims: c.Claims,
		})
	}
	return out
}
