package config

import (
	"maps"
	"slices"
	"strings"
)

// checkBlocks judges what the verbatim blocks may say but should not: each of these undoes what identityd
// relies on, and the engines themselves take all of them.
func checkBlocks(c *collector, cfg *Config) {
	checkBlockOrigins(c, cfg.Profile, "hydra", cfg.Hydra, cfg.CORSOrigins())
	checkBlockOrigins(c, cfg.Profile, "kratos", cfg.Kratos, cfg.CORSOrigins())
	checkBlockErrors(c, cfg)
	leaves := map[string]any{}
	flatten(leaves, "", cfg.Kratos)
	for _, path := range slices.Sorted(maps.Keys(leaves)) {
		text, isText := leaves[path].(string)
		if !isText || !strings.HasSuffix(strings.ToLower(path), "default_browser_return_url") || covers("selfservice.default_browser_return_url", path) == below {
			continue
		}
		if msg := urlProblem(text, cfg.Profile); msg != "" {
			c.add("kratos."+path, "%s", msg)
		}
	}
	for _, one := range []struct {
		path string
		want bool
		why  string
	}{
		{"security.account_enumeration.mitigate", true, "anybody could ask which addresses have an account"},
		{"selfservice.methods.password.config.identifier_similarity_check_enabled", true, "people could take their address for a password"},
	} {
		if v := leaf(leaves, one.path); v != nil && v != one.want {
			c.add("kratos."+one.path, "must be %t (got %s), or %s; remove it", one.want, show(v), one.why)
		}
	}
	checkSecondCode(c, cfg, leaves)
}

// checkBlockErrors: what Hydra adds to errors then are its own inner ones, with tables and addresses in them.
func checkBlockErrors(c *collector, cfg *Config) {
	leaves := map[string]any{}
	flatten(leaves, "", cfg.Hydra)
	const path = "oauth2.expose_internal_errors"
	if leaf(leaves, path) == true {
		complain(c, cfg.Profile, "hydra."+path, "must not be true, or anybody is told of the inside; remove it and look for the request id in the log")
	}
}

// checkSecondCode: a code by mail proves the mailbox. So does a code to sign in with, and so does a recovery,
// after which a password can be set: with a second code one mailbox would count as two factors.
func checkSecondCode(c *collector, cfg *Config, kratos map[string]any) {
	for _, at := range []string{"selfservice.methods.code.mfa_enabled", "selfservice.methods.code.config.mfa_enabled"} {
		if leaf(kratos, at) != true {
			continue
		}
		switch path := "kratos." + at; {
		case cfg.Login.First.Code.Enabled:
			c.add(path, "must not be true beside login.first.code: a code by mail is a first or a second factor, since one mailbox "+
				"would count twice; switch one of them off")
		case cfg.SendsMail() && leaf(kratos, "selfservice.flows.recovery.enabled") != false:
			c.add(path, "must not be true while a password can be recovered by mail: whoever has the mailbox would have both "+
				"factors; set selfservice.flows.recovery.enabled: false in the same block, or use login.second.totp")
		}
	}
}
