package stack

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/kratos"
)

// login translates how people prove who they are. It is pure.
func login(c config.Config, u URLs, s schemas) kratos.Login {
	first, second := c.Login.First, c.Login.Second
	out := kratos.Login{
		IdentifierFirst: first.Style == config.LoginIdentifierFirst,
		Passkey:         first.Passkey.Enabled,
		Code:            first.Code.Enabled,
		TOTP:            second.TOTP.Enabled,
		SecurityKey:     second.SecurityKey.Enabled,
		LookupCodes:     second.RecoveryCodes.Enabled,
		SecondFactor:    second.Required != config.SecondNever,
		Issuer:          brand(c),
		RelyingParty:    c.RelyingParty(u.UI),
		Origins:         []string{originOf(u.UI)},
	}
	for _, p := range c.Login.Providers {
		out.Providers = append(out.Providers, kratos.Provider{
			ID: p.ID, Kind: providerKind(p.Preset), Label: p.Name,
			ClientID: p.ClientID, ClientSecret: p.ClientSecret.Reveal(), Issuer: p.Issuer, Scopes: p.Scopes, ClaimsFrom: p.ClaimsFrom,
			Tenant: p.Tenant, TeamID: p.TeamID, PrivateKeyID: p.KeyID, Private: p.Key().Reveal(),
			Mapper: s.mappers[p.ID], Traits: s.traits(),
		})
	}
	return out
}

// providerKind is Kratos' word for a preset.
func providerKind(preset string) string {
	if preset == config.PresetOIDC {
		return "generic"
	}
	return preset
}

func originOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return raw
	}
	return u.Scheme + "://" + u.Host
}

// traits are those of the schema of new accounts, by name.
func (s schemas) traits() []string {
	for _, one := range s.list {
		if one.ID != s.preferred {
			continue
		}
		var schema struct {
			Properties struct {
				Traits struct {
					Properties map[string]any `json:"properties"`
				} `json:"traits"`
			} `json:"properties"`
		}
		if json.Unmarshal(one.Raw, &schema) != nil {
			return nil // Kratos says what is wrong with it
		}
		return slices.Sorted(maps.Keys(schema.Properties.Traits.Properties))
	}
	return nil
}
