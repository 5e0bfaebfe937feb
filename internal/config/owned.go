package config

import (
	"maps"
	"slices"
	"strings"
)

// ownedKey is a setting of an engine that identityd sets itself, with everything below it.
type ownedKey struct{ path, ours string }

func ownedByBoth(engine string) []ownedKey {
	out := []ownedKey{
		{"dsn", "database.url"},
		{"log.level", "logging.level"},
		{"log.format", "logging.format"},
		{"log", "logging.*"},
		{"secrets.cookie", "secrets.cookie"},
		{"secrets.cipher", "secrets.cipher"},
		{"secrets", "secrets.*"},
		{"dev", "profile"},
		{"tracing", "tracing.*"},
		{"clients.http", "outbound.*"},
	}
	for _, side := range []string{"public", "admin"} {
		at := "serve." + side + "."
		for _, word := range []string{"host", "port", "socket"} {
			out = append(out, ownedKey{at + word, "listen." + engine + "_" + side})
		}
		out = append(out, ownedKey{at + "tls", "tls.*"}, ownedKey{at + "base_url", "urls." + engine})
	}
	return out
}

func ownedOfHydra() []ownedKey {
	return append(
		ownedByBoth("hydra"),
		ownedKey{"serve.tls", "tls.*"},
		ownedKey{"serve.cookies.domain", "urls.cookie_domain"},
		ownedKey{"urls.self", "urls.hydra"},
		ownedKey{"urls.login", "urls.ui"},
		ownedKey{"urls.consent", "urls.ui"},
		ownedKey{"urls.logout", "urls.ui"},
		ownedKey{"urls.registration", "urls.ui"},
		ownedKey{"urls.error", "urls.ui"},
		ownedKey{"urls.post_logout_redirect", "urls.ui"},
		ownedKey{"urls.identity_provider", "urls.kratos"},
		ownedKey{"oidc.dynamic_client_registration.enabled", "dynamic_registration.enabled"},
		ownedKey{"oidc.dynamic_client_registration.default_scope", "dynamic_registration.scopes"},
		ownedKey{"oidc.dynamic_client_registration", "dynamic_registration.*"},
	)
}

func ownedOfKratos() []ownedKey {
	return append(
		ownedByBoth("kratos"),
		ownedKey{"identity", "identity.*"},
		ownedKey{"cookies.domain", "urls.cookie_domain"},
		ownedKey{"session.cookie.domain", "urls.cookie_domain"},
		ownedKey{"oauth2_provider", "urls.hydra"},
		ownedKey{"session.lifespan", "session.lifespan"},
		ownedKey{"ciphers.algorithm", "secrets.cipher"},
		ownedKey{"selfservice.flows.*.ui_url", "urls.ui"},
		ownedKey{"selfservice.default_browser_return_url", "urls.ui"},
		ownedKey{"selfservice.allowed_return_urls", "return_to"},
		ownedKey{"selfservice.flows.registration.enabled", "registration.mode"},
		ownedKey{"selfservice.flows.registration.style", "registration.steps"},
		ownedKey{"selfservice.flows.registration.enable_legacy_one_step", "registration.steps"},
		ownedKey{"selfservice.flows.login.style", "login.first.style"},
		ownedKey{"selfservice.flows.settings.required_aal", "login.second.required"},
		ownedKey{"session.whoami.required_aal", "login.second.required"},
		ownedKey{"selfservice.methods.code.passwordless_enabled", "login.first.code.enabled"},
		ownedKey{"selfservice.methods.code.config.passwordless_enabled", "login.first.code.enabled"},
		ownedKey{"selfservice.methods.password.config.min_password_length", "login.first.password.min_length"},
		ownedKey{"selfservice.methods.password.config.haveibeenpwned_enabled", breachCheck},
		ownedKey{"selfservice.methods.password.config.haveibeenpwned_host", breachCheck},
		ownedKey{"selfservice.methods.password.config.ignore_network_errors", breachCheck},
		ownedKey{"selfservice.methods.password.config.max_breaches", breachCheck},
		ownedKey{"courier.smtp.connection_uri", "mail.smtp_url"},
		ownedKey{"courier.smtp.from_address", "mail.from"},
	)
}

// checkOwned refuses the keys of the verbatim blocks that would undo what identityd sets.
func checkOwned(c *collector, cfg *Config) {
	checkBlock(c, "hydra", cfg.Hydra, ownedOfHydra())
	kratos := ownedOfKratos()
	if len(cfg.Login.Providers) > 0 {
		// Merged last, its list would take ours away. Alone, it reaches the providers that have no preset.
		kratos = append(kratos, ownedKey{"selfservice.methods.oidc", "login.providers"})
	}
	checkBlock(c, "kratos", cfg.Kratos, kratos)
}

func checkBlock(c *collector, block string, settings map[string]any, owned []ownedKey) {
	leaves := map[string]any{}
	flatten(leaves, "", settings)
	for _, path := range slices.Sorted(maps.Keys(leaves)) {
		for _, o := range owned {
			switch covers(o.path, path) {
			case below:
				c.add(block+"."+path, "is set by identityd; use %s", o.ours)
			case above:
				if _, empty := leaves[path].(map[string]any); empty {
					continue
				}
				// Merged last, it would take our own settings below it away.
				c.add(block+"."+path, "must be a map (got %s)", kindOf(leaves[path]))
			default:
				continue
			}
			break
		}
	}
}

// flatten collects what is not a map under its dotted path, whether it was written nested or
// dotted.
func flatten(out map[string]any, prefix string, m map[string]any) {
	for name, v := range m {
		if inner, ok := v.(map[string]any); ok {
			flatten(out, prefix+name+".", inner)
			if len(inner) > 0 {
				continue
			}
		}
		out[prefix+name] = v
	}
}

type relation int

const (
	apart relation = iota
	below          // at the pattern or under it
	above          // over it, where it would replace it
)

// covers compares a path with a pattern in which * stands for any one name.
func covers(pattern, path string) relation {
	p, k := strings.Split(pattern, "."), strings.Split(path, ".")
	for i := range min(len(p), len(k)) {
		if p[i] != "*" && !strings.EqualFold(p[i], k[i]) {
			return apart
		}
	}
	if len(k) >= len(p) {
		return below
	}
	return above
}
