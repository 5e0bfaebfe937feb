package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// DynamicRegistration says which applications may register themselves (RFC 7591), and how.
//
//	dynamic_registration:
//	  enabled: true
//	  hosts: ["*.example.com"]
type DynamicRegistration struct {
	// Enabled opens the door, which is closed by default.
	Enabled bool `yaml:"enabled"`
	// Hosts are the hosts that their redirect addresses may have, *.example.com for all below one, * for any.
	// Loopback may be one always, for applications on the person's own device.
	Hosts []string `yaml:"hosts"`
	// Schemes are those of redirect addresses that open an application, such as com.example.app.
	Schemes []string `yaml:"schemes"`
	// Scopes are what they may ask for, and get where they ask for nothing.
	Scopes []string `yaml:"scopes"`
	// PerHour is how many one address (IPv6: one /64) may register within an hour, at each process.
	PerHour int `yaml:"per_hour"`
	// Expiry is how old an application becomes that nobody uses: without a sign-in, a token or a remembered
	// consent it is removed. One that was verified stays.
	Expiry time.Duration `yaml:"expiry"`
}

func defaultDynamicRegistration() DynamicRegistration {
	return DynamicRegistration{
		Scopes:  []string{"openid", "offline_access", "profile", "email"},
		PerHour: 20,
		Expiry:  30 * 24 * time.Hour,
	}
}

func checkDynamicRegistration(c *collector, cfg *Config) {
	const at = "dynamic_registration."
	d := cfg.DynamicRegistration
	for i, host := range d.Hosts {
		if msg := registeredHostProblem(host); msg != "" {
			c.add(fmt.Sprintf("%shosts[%d]", at, i), "%s", msg)
		}
	}
	for i, scheme := range d.Schemes {
		if msg := registeredSchemeProblem(scheme); msg != "" {
			c.add(fmt.Sprintf("%sschemes[%d]", at, i), "%s", msg)
		}
	}
	for i, scope := range d.Scopes {
		if !scopeToken.MatchString(scope) {
			c.add(fmt.Sprintf("%sscopes[%d]", at, i), "must be one scope, without spaces (got %s)", quote(scope))
		}
	}
	if len(d.Scopes) == 0 {
		c.add(at+"scopes", "must hold at least one scope; write openid")
	}
	if d.PerHour < 1 || d.PerHour > 1000 {
		c.add(at+"per_hour", "must be from 1 to 1000 (got %d)", d.PerHour)
	}
	if d.Expiry < time.Hour || d.Expiry > tenYears {
		c.add(at+"expiry", "must be from %s to %s (got %s)", spell(time.Hour), spell(tenYears), spell(d.Expiry))
	}
}

// scopeToken is RFC 6749 section 3.3.
var scopeToken = regexp.MustCompile(`^[\x21\x23-\x5B\x5D-\x7E]+$`)

func registeredHostProblem(raw string) string {
	if raw == "*" {
		return ""
	}
	host, wild := strings.CutPrefix(raw, "*.")
	switch {
	case host == "" || !validHost(host) || strings.ContainsAny(raw, ":/"):
		return fmt.Sprintf("must be the name of a host, without scheme, port and path (got %s); write app.example.com", quote(raw))
	case host != strings.ToLower(host):
		return fmt.Sprintf("must be in lower case (got %s); write %s", quote(raw), strings.ToLower(raw))
	case wild:
		return wildcardProblem(raw, host)
	}
	return ""
}

var ownScheme = regexp.MustCompile(`^[a-z][a-z0-9+.-]*$`)

func registeredSchemeProblem(raw string) string {
	switch {
	case !ownScheme.MatchString(raw):
		return fmt.Sprintf("must be a scheme in lower case, without :// (got %s); write com.example.app", quote(raw))
	case slices.Contains([]string{
		"http", "https", "javascript", "data", "vbscript", "file", "blob", "filesystem", "about", "ws", "wss", "ftp", "view-source", "mailto", "tel", "sms", "intent",
	}, raw):
		return fmt.Sprintf("must be a scheme of an application's own (got %s); hosts of https go to dynamic_registration.hosts", quote(raw))
	}
	return ""
}
