package hydra

import (
	"strings"

	"github.com/ory/hydra/v2/client"

	"example.com/identityd/internal/ory"
)

// Settings returns what the engine is given, by its own words. Secrets are among them.
func Settings(c Config) map[string]any { return values(c) }

// values translates Config into Hydra's own words (hydra: spec/config.json). It is pure; its goldens
// are in testdata.
func values(c Config) ory.Values {
	format := "opaque"
	if c.Tokens.JWT {
		format = "jwt"
	}
	v := ory.Values{
		"dsn": c.DSN,
		"dev": c.Dev,
		// While replicas are replaced a newer release has added columns already, which RETURNING * brings
		// along (docs/ory-quirks.md#q41).
		"db.ignore_unknown_table_columns": true,

		// Read again by the logger after its construction (docs/ory-quirks.md#q14); the level itself is
		// forced in internal/ory.
		"log.level":                 "info",
		"log.format":                "json",
		"log.leak_sensitive_values": false,
		"sqa.opt_out":               true,

		"urls.self.issuer":          c.Issuer,
		"urls.self.public":          c.Issuer,
		"urls.self.admin":           c.AdminURL,
		"urls.login":                c.Pages.Login,
		"urls.registration":         c.Pages.Registration,
		"urls.consent":              c.Pages.Consent,
		"urls.logout":               c.Pages.Logout,
		"urls.error":                c.Pages.Error,
		"urls.post_logout_redirect": c.Pages.PostLogout,

		"secrets.system": c.SystemSecrets,
		"secrets.cookie": c.CookieSecrets,

		"serve.cookies.same_site_mode": "Lax",

		"ttl.access_token":  ory.Duration(c.Tokens.Access),
		"ttl.refresh_token": ory.Duration(c.Tokens.Refresh),
		"ttl.id_token":      ory.Duration(c.Tokens.ID),

		"strategies.access_token":                          format,
		"strategies.jwt.scope_claim":                       "both", // scope as RFC 9068 has it, scp for who reads what there was
		"oauth2.pkce.enforced_for_public_clients":          true,
		"oauth2.expose_internal_errors":                    false,
		"oauth2.grant.refresh_token.rotation_grace_period": ory.Duration(c.Tokens.RefreshGrace),
		"oidc.subject_identifiers.supported_types":         []string{"public"},
		"webfinger.oidc_discovery.supported_scope":         append([]string{"openid", "offline_access", "offline"}, c.Scopes...),
		"webfinger.oidc_discovery.supported_claims":        append([]string{"sub"}, c.Claims...),
		"oidc.dynamic_client_registration.enabled":         c.Registration != nil,
	}
	if c.Registration != nil {
		// Upstream's discovery document does not say where by itself (docs/ory-quirks.md#q188).
		v["webfinger.oidc_discovery.client_registration_url"] = strings.TrimRight(c.Issuer, "/") + client.DynClientsHandlerPath
		v["oidc.dynamic_client_registration.default_scope"] = c.Registration.Scopes
	}
	if len(c.TopLevelClaims) > 0 {
		v["oauth2.allowed_top_level_claims"] = c.TopLevelClaims
	}
	ory.CORS(v, c.Origins, false)
	if c.CookieDomain != "" {
		v["serve.cookies.domain"] = c.CookieDomain
	}
	if c.HostCookies {
		// All three have the path / and, not in development, Secure (docs/ory-quirks.md#q50).
		v["serve.cookies.names.session"] = "__Host-ory_hydra_session"
		v["serve.cookies.names.login_csrf"] = "__Host-ory_hydra_login_csrf"
		v["serve.cookies.names.consent_csrf"] = "__Host-ory_hydra_consent_csrf"
	}
	return v.Merge(c.Extra)
}
