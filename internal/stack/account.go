package stack

import (
	"example.com/identityd/internal/config"
	"example.com/identityd/internal/hydra"
	"example.com/identityd/internal/kratos"
	"example.com/identityd/internal/ui"
)

// account is what the account pages ask of Kratos: its APIs, and the engine where these say too little.
type account struct {
	*kratos.Client
	*kratos.Engine
}

// grants is what they ask of Hydra.
type grants struct {
	*hydra.Client
	*hydra.Engine
}

// accountRules translates the words for the account pages. It is pure.
func accountRules(c config.Config) ui.AccountRules {
	second := c.Login.Second
	return ui.AccountRules{
		Privileged: c.Session.Privileged,
		Deletion:   c.Account.Deletion,
		Factors: ui.Factors{
			Password:      c.Login.First.Password.Enabled,
			Passkey:       c.Login.First.Passkey.Enabled,
			TOTP:          second.TOTP.Enabled,
			SecurityKey:   second.SecurityKey.Enabled,
			RecoveryCodes: second.RecoveryCodes.Enabled,
			Providers:     len(c.Login.Providers) > 0,
		},
	}
}
