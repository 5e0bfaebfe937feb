package config

// RelyingParty is what the keys of one method are bound to.
type RelyingParty struct {
	// Method is passkey or webauthn, as in the kratos: block.
	Method string
	// ID is the domain, Origins are the pages that may ask for a key; none means those of the pages alone.
	ID      string
	Origins []string
	// Written says that the kratos: block sets it.
	Written bool
}

// RelyingParties returns what the keys of the methods that are on are bound to, the pages being at ui.
func (c Config) RelyingParties(ui string) []RelyingParty {
	var out []RelyingParty
	for _, one := range []struct {
		method string
		on     bool
	}{{"passkey", c.Login.First.Passkey.Enabled}, {"webauthn", c.Login.Second.SecurityKey.Enabled}} {
		if !one.on {
			continue
		}
		at := "selfservice.methods." + one.method + ".config.rp."
		rp := RelyingParty{Method: one.method, ID: c.Kratos.text(at + "id")}
		rp.Written = rp.ID != ""
		if !rp.Written {
			rp.ID = c.RelyingParty(ui)
		}
		leaves := map[string]any{}
		flatten(leaves, "", c.Kratos)
		list, _ := leaves[at+"origins"].([]any)
		for _, v := range list {
			if text, ok := v.(string); ok {
				rp.Origins = append(rp.Origins, text)
			}
		}
		if text := c.Kratos.text(at + "origin"); text != "" {
			rp.Origins = append(rp.Origins, text)
		}
		out = append(out, rp)
	}
	return out
}
