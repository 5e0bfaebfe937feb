package config

import (
	"net"
	"net/url"
	"strings"
)

func checkLogin(c *collector, cfg *Config) {
	checkPassword(c, cfg)
	checkFirst(c, cfg)
	checkSecond(c, cfg)
	checkWebAuthn(c, cfg)
	checkProviders(c, cfg)
}

func checkPassword(c *collector, cfg *Config) {
	// NIST SP 800-63B asks for 8 beside a second factor, and for more where a password stands alone.
	const least, alone, most = 8, 12, 64
	password := cfg.Login.First.Password
	switch n := password.MinLength; {
	case n < least || n > most:
		c.add("login.first.password.min_length", "must be from %d to %d (got %d)", least, most, n)
	case n < alone && cfg.Login.Second.Required != SecondAlways:
		complain(c, cfg.Profile, "login.first.password.min_length", "must be at least %d (got %d) where a password is enough to sign in; "+
			"write %d, or login.second.required: always", alone, n, alone)
	}
	if password.BreachCheck == BreachOnline && cfg.Outbound.None {
		c.add(breachCheck, "must not be online beside outbound.none: true; write offline")
	}
	host, port, _ := strings.Cut(password.BreachHost, ":")
	if host == "" || !validHost(host) || port != "" && !digits.MatchString(port) {
		c.add("login.first.password.breach_host", "must be a host, with a port where that is not 443 (got %s); write api.pwnedpasswords.com",
			quote(password.BreachHost))
	}
}

func checkFirst(c *collector, cfg *Config) {
	first := cfg.Login.First
	if first.Code.Enabled {
		if !cfg.SendsMail() {
			c.add("login.first.code.enabled", "needs a way to send mail (got true without one); set mail.smtp_url, or remove it")
		}
		if name, _, _ := strings.Cut(cfg.Identity.Schema, "@"); name == "username" {
			c.add("login.first.code.enabled", "needs an account that is named by its address (got identity.schema: %s); "+
				"use identity.schema: email, a schema of your own, or remove it", cfg.Identity.Schema)
		}
	}
	if first.Password.Enabled || first.Passkey.Enabled || first.Code.Enabled || len(cfg.Login.Providers) > 0 {
		return
	}
	if cfg.methodAsked() {
		c.warn("login.first.password.enabled", "no first factor is left but what the kratos block may enable")
		return
	}
	c.add("login.first.password.enabled", "must be true while there is no other way to sign in (got false, with passkey and code off, "+
		"and login.providers empty); switch one of them on")
}

// methodAsked reports whether the kratos block switches a method on that we know nothing of.
func (c Config) methodAsked() bool {
	leaves := map[string]any{}
	flatten(leaves, "", c.Kratos)
	for path, v := range leaves {
		if covers("selfservice.methods.*.enabled", path) == below && v == true {
			return true
		}
	}
	return false
}

func checkSecond(c *collector, cfg *Config) {
	second := cfg.Login.Second
	for _, one := range []struct {
		path string
		on   bool
	}{
		{"login.second.totp.enabled", second.TOTP.Enabled},
		{"login.second.security_key.enabled", second.SecurityKey.Enabled},
		{"login.second.recovery_codes.enabled", second.RecoveryCodes.Enabled},
	} {
		if second.Required == SecondNever && one.on && cfg.Origins[one.path] != "default" {
			c.add(one.path, "has no effect beside login.second.required: never (got true); remove one of the two")
		}
	}
	// Recovery codes alone are a way back, not a factor to begin with.
	if second.Required == SecondAlways && !second.TOTP.Enabled && !second.SecurityKey.Enabled {
		c.add("login.second.required", "must leave a second factor that everybody can set up (got always, with totp and "+
			"security_key off); switch one on, or write required: offered")
	}
}

// checkWebAuthn: browsers bind passkeys and security keys to a domain, and only to pages that came by
// https, or from localhost.
func checkWebAuthn(c *collector, cfg *Config) {
	pages, word := cfg.URLs.UI, "urls.ui"
	if cfg.Origin != "" {
		pages, word = cfg.Origin, "origin"
	}
	if !cfg.Login.WebAuthn() || pages == "" || c.unread[word] {
		return
	}
	u, err := url.Parse(pages)
	if err != nil || u.Hostname() == "" {
		return // reported with the address
	}
	path := "login.first.passkey.enabled"
	if !cfg.Login.First.Passkey.Enabled {
		path = "login.second.security_key.enabled"
	}
	host := canonicalHost(u.Hostname())
	switch {
	case net.ParseIP(host) != nil:
		complainUnlessDefault(c, cfg, path, "needs pages with a name (got %s: %s); give them a host name, or switch passkey "+
			"and security_key off", word, quote(pages))
	case u.Scheme == "http" && host != "localhost" && !strings.HasSuffix(host, ".localhost"):
		complainUnlessDefault(c, cfg, path, "needs pages that come by https, or from localhost (got %s: %s); use https, or switch "+
			"passkey and security_key off", word, quote(pages))
	}
	if id := cfg.RelyingParty(pages); !within(host, canonicalHost(id)) {
		c.add(path, "needs a relying party id that the pages are under (got %s in the kratos block, and %s: %s); remove it",
			quote(id), word, quote(pages))
	}
}

// complainUnlessDefault refuses what was asked for, and warns of what is on by default.
func complainUnlessDefault(c *collector, cfg *Config, path, format string, args ...any) {
	if cfg.Origins[path] == "default" {
		c.warn(path, format, args...)
		return
	}
	c.add(path, format, args...)
}
