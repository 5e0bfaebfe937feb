package config

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

func resolveOutbound(c *collector, cfg *Config) {
	o := &cfg.Outbound
	secretInFile{
		path: "outbound.proxy", file: &o.ProxyFile,
		inline: func() bool { return !o.Proxy.Empty() },
		set:    func(s string) { o.Proxy = NewSecret(strings.TrimSpace(s)) },
		cure:   "; write http://user:password@proxy.example.com:3128 into it",
	}.resolve(c, cfg)
}

func checkOutbound(c *collector, cfg *Config) {
	o := cfg.Outbound
	for i, raw := range o.Allow {
		if _, problem := parseOutbound(raw); problem != "" {
			c.add(fmt.Sprintf("outbound.allow[%d]", i), "%s", problem)
		}
	}
	checkForwardProxy(c, cfg)
	if o.None {
		checkNone(c, cfg)
	}
}

// checkForwardProxy never prints the address, which may hold a password.
func checkForwardProxy(c *collector, cfg *Config) {
	raw := cfg.Outbound.Proxy.Reveal()
	if raw == "" {
		return
	}
	const form = "write http://proxy.example.com:3128, with user:password@ before the host if it asks for them"
	path := "outbound.proxy"
	if cfg.Outbound.ProxyFile != "" {
		path += "_file"
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		c.add(path, "cannot be read; %s", form)
		return
	case u.Scheme != "http" && u.Scheme != "https":
		c.add(path, "must begin with http:// or https://; %s", form)
		return
	case u.Hostname() == "" || !validHost(u.Hostname()):
		c.add(path, "must name a host; %s", form)
		return
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		c.add(path, "must have nothing after the port; %s", form)
	}
	for _, k := range outgoingKeys(cfg.Kratos) {
		if k.unguided {
			c.add("kratos."+k.path, "cannot go through outbound.proxy; %s", k.cure)
		}
	}
}

// checkNone refuses by name what could not work without a way out.
func checkNone(c *collector, cfg *Config) {
	if len(cfg.Outbound.Allow) > 0 {
		c.add("outbound.allow", "must be empty beside outbound.none, which lets nothing leave; keep one of the two")
	}
	if !cfg.Outbound.Proxy.Empty() {
		c.add("outbound.proxy", "must be empty beside outbound.none, which lets nothing leave; keep one of the two")
	}
	for i, p := range cfg.Login.Providers {
		c.add(fmt.Sprintf("login.providers[%d]", i), "cannot be used beside outbound.none, since %s has to be called; remove one of the two",
			orWord(p.ID, "the provider"))
	}
	for i, h := range cfg.Hooks {
		c.add(fmt.Sprintf("hooks[%d]", i), "cannot be used beside outbound.none, since %s has to be called; remove one of the two", orWord(h.Name, "its url"))
	}
	for i, client := range cfg.Clients {
		if client.BackchannelLogoutURI != "" {
			c.add(fmt.Sprintf("clients[%d].backchannel_logout_uri", i), "cannot be called beside outbound.none; use frontchannel_logout_uri, "+
				"which the browser opens")
		}
	}
	for block, settings := range map[string]map[string]any{"hydra": cfg.Hydra, "kratos": cfg.Kratos} {
		for _, k := range outgoingKeys(settings) {
			c.add(block+"."+k.path, "cannot be used beside outbound.none; %s", k.cure)
		}
	}
}

// outgoingKey is a setting of a verbatim block that makes an engine call somebody.
type outgoingKey struct {
	path, cure string
	// unguided calls go by the engine's own way, which knows no proxy (docs/ory-quirks.md#q92).
	unguided bool
}

// outgoingKeys finds them by what is known of the engines' words, and by addresses of the web where an
// engine would load something.
func outgoingKeys(block map[string]any) []outgoingKey {
	leaves := map[string]any{}
	flatten(leaves, "", block)
	var out []outgoingKey
	for _, path := range slices.Sorted(maps.Keys(leaves)) {
		v := leaves[path]
		under := func(pattern string) bool { return covers(pattern, path) == below }
		k := outgoingKey{path: path, cure: "remove one of the two"}
		switch {
		case under("oauth2.token_hook"), under("oauth2.refresh_token_hook"):
		case under("selfservice.methods.oidc.config.providers"), under("courier.channels"), under("courier.http"):
		case under("courier.delivery_strategy") && v == "http":
		case under("selfservice.methods.password.config.haveibeenpwned_enabled") && v == true:
		case under("selfservice.flows") && mentionsWebHook(v):
			k.unguided = true
		case under("courier.templates") && fetched(v), under("session.whoami.tokenizer") && fetched(v):
			k.unguided, k.cure = true, "save it to a file, and write file:///its/path"
		default:
			continue
		}
		out = append(out, k)
	}
	return out
}

func fetched(v any) bool {
	s, ok := v.(string)
	return ok && (strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://"))
}

// mentionsWebHook looks into a list of hooks, which flatten leaves as it is.
func mentionsWebHook(v any) bool {
	list, ok := v.([]any)
	return ok && slices.ContainsFunc(list, func(one any) bool {
		m, ok := one.(map[string]any)
		return ok && (m["hook"] == "web_hook")
	})
}
