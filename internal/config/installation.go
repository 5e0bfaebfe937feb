package config

import "net/url"

// PairwiseSalt returns the salt of pairwise subjects, which only the hydra: block can set.
func (c Config) PairwiseSalt() string {
	return c.Hydra.text("oidc.subject_identifiers.pairwise.salt")
}

// RelyingParty returns the domain that passkeys are bound to: the one that the kratos: block sets, or
// the host of the pages.
func (c Config) RelyingParty(ui string) string {
	for _, method := range []string{"passkey", "webauthn"} {
		if id := c.Kratos.text("selfservice.methods." + method + ".config.rp.id"); id != "" {
			return id
		}
	}
	u, err := url.Parse(ui)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// text returns a setting, written nested or dotted; empty when it is none or no text.
func (s Settings) text(path string) string {
	leaves := map[string]any{}
	flatten(leaves, "", s)
	text, _ := leaves[path].(string)
	return text
}
