package kratos

import (
	"encoding/base64"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/ory"
)

// InProcessHydra is the OAuth2 provider URL that Kratos is given. It has to be set even though calls
// go through Config.Hydra, or login challenges are refused (kratos: hydra/hydra.go). The name is
// never looked up.
const InProcessHydra = "http://hydra.invalid"

// Settings returns what the engine is given, by its own words. Secrets are among them.
func Settings(c Config) map[string]any { return values(c) }

// values translates Config into Kratos' own words (kratos: embedx/config.schema.json). It is pure;
// its goldens are in testdata.
func values(c Config) ory.Values {
	v := ory.Values{
		"dsn":                       c.DSN,
		"dev":                       c.Dev,
		"log.level":                 "info", // see docs/ory-quirks.md#q14
		"log.format":                "json",
		"log.leak_sensitive_values": false,

		"serve.public.base_url": c.PublicURL,
		"serve.admin.base_url":  c.AdminURL,
		"oauth2_provider.url":   InProcessHydra,

		"secrets.default":   c.CookieSecrets,
		"secrets.cookie":    c.CookieSecrets,
		"secrets.cipher":    c.CipherSecrets,
		"ciphers.algorithm": "xchacha20-poly1305", // upstream's default leaves provider tokens in plain text

		"identity.default_schema_id": c.DefaultSchema,
		"identity.schemas":           schemas(c.Schemas),

		"session.lifespan":          ory.Duration(c.Session.Lifespan),
		"session.cookie.persistent": c.Session.Remember != identity.RememberNever,
		"session.cookie.same_site":  "Lax",
		"cookies.same_site":         "Lax",

		"selfservice.default_browser_return_url":                    c.Pages.Account,
		"selfservice.allowed_return_urls":                           append([]string{c.Pages.Home}, c.ReturnTo...),
		"selfservice.flows.error.ui_url":                            c.Pages.Error,
		"selfservice.flows.login.ui_url":                            c.Pages.Login,
		"selfservice.flows.registration.ui_url":                     c.Pages.Registration,
		"selfservice.flows.registration.enabled":                    !c.Registration.Closed,
		"selfservice.flows.registration.enable_legacy_one_step":     !c.Registration.TwoSteps,
		"selfservice.flows.settings.ui_url":                         c.Pages.Settings,
		"selfservice.flows.settings.privileged_session_max_age":     ory.Duration(c.Session.Privileged),
		"selfservice.flows.recovery.ui_url":                         c.Pages.Recovery,
		"selfservice.flows.verification.ui_url":                     c.Pages.Verification,
		"selfservice.flows.logout.after.default_browser_return_url": c.Pages.SignedOut,
		"selfservice.methods.password.enabled":                      c.Password.Enabled,
		"selfservice.methods.password.config.min_password_length":   c.Password.MinLength,
		// Passwords are looked up by internal/breach (docs/ory-quirks.md#q88).
		"selfservice.methods.password.config.haveibeenpwned_enabled":              false,
		"selfservice.methods.password.config.ignore_network_errors":               true,
		"selfservice.methods.password.config.identifier_similarity_check_enabled": true,
		"security.account_enumeration.mitigate":                                   true,
	}
	hashing(v)
	mailing(v, c)
	templates(v, c)
	methods(v, c)
	afterwards(v, c)
	ory.CORS(v, c.Origins, true)
	guarded(v, c)
	if c.CookieDomain != "" {
		v["cookies.domain"] = c.CookieDomain
	}
	if c.SessionDomain != "" {
		v["session.cookie.domain"] = c.SessionDomain
	}
	if c.HostCookies {
		// The names of its CSRF and continuity cookies are constants (docs/ory-quirks.md#q50).
		v["session.cookie.name"] = "__Host-ory_kratos_session"
	}
	return withOurHooks(v, c.Extra)
}

// mailing sets what needs a mailbox: recovery and verification, by code or by link. One-time codes are
// consumed in one transaction, links are not (docs/ory-quirks.md#q32).
func mailing(v ory.Values, c Config) {
	on := c.Mail != nil
	v["selfservice.flows.recovery.enabled"] = on
	v["selfservice.flows.verification.enabled"] = on
	v["selfservice.methods.code.enabled"] = on
	v["selfservice.methods.link.enabled"] = on && c.Links
	if on && c.Links {
		v["selfservice.flows.recovery.use"] = "link"
		v["selfservice.flows.verification.use"] = "link"
	}
	if on && c.Mail.URL != "" {
		v["courier.smtp.connection_uri"] = c.Mail.URL
	}
	if on {
		v["courier.smtp.from_address"] = c.Mail.From
		v["courier.smtp.from_name"] = c.Mail.FromName
		if c.Mail.ReplyTo != "" {
			// Not as a map, which would swallow the headers of the kratos: block, or they it, by chance
			// (docs/ory-quirks.md#q19).
			v["courier.smtp.headers.Reply-To"] = c.Mail.ReplyTo
		}
	}
}

// guarded sets Kratos' own guard of calls to the outside, for the parts that go around Config.Outgoing
// (docs/ory-quirks.md#q92).
func guarded(v ory.Values, c Config) {
	const at = "clients.http."
	v[at+"disallow_private_ip_ranges"] = !c.Private
	if len(c.PrivateGlobs) > 0 && !c.Private {
		v[at+"private_ip_exception_urls"] = c.PrivateGlobs
	}
}

// hashing sets argon2id as OWASP's Password Storage Cheat Sheet asks at the least: 19 MiB, two
// passes, one lane. Kratos' own default takes 128 MB for each login that runs.
func hashing(v ory.Values) {
	v["hashers.algorithm"] = "argon2"
	v["hashers.argon2.memory"] = "19MB"
	v["hashers.argon2.iterations"] = 2
	v["hashers.argon2.parallelism"] = 1
	v["hashers.argon2.salt_length"] = 16
	v["hashers.argon2.key_length"] = 32
	// Kratos sleeps about this long for an unknown person, to look like a hash. It would sleep under
	// the lock of SerializeWrites; Pad does it outside instead (docs/ory-quirks.md#q24).
	v["hashers.argon2.expected_duration"] = "1ns"
	v["hashers.argon2.expected_deviation"] = "1ns"
	v["hashers.bcrypt.cost"] = 12
}

func schemas(list []Schema) []any {
	out := make([]any, 0, len(list))
	for _, s := range list {
		out = append(out, map[string]any{
			"id":  s.ID,
			"url": "base64://" + base64.StdEncoding.EncodeToString(s.Raw),
		})
	}
	return out
}
