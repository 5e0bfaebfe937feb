package translate

import "strings"

// renames are the keys of Hydra 1.x and Kratos 0.x under the names they have today. * stands for one name on
// both sides. An empty name: the key is gone, and gone says why.
func renames(engine string) map[string]string {
	if engine == hydra {
		return map[string]string{
			"oidc.subject_identifiers.enabled":                   "oidc.subject_identifiers.supported_types",
			"serve.public.access_log.disable_for_health":         "serve.public.request_log.disable_for_health",
			"serve.admin.access_log.disable_for_health":          "serve.admin.request_log.disable_for_health",
			"oauth2.refresh_token_rotation.grace_period":         "oauth2.grant.refresh_token.rotation_grace_period",
			"oauth2.grant.refresh_token.grace_period":            "oauth2.grant.refresh_token.rotation_grace_period",
			"serve.cookies.same_site":                            "serve.cookies.same_site_mode",
			"oauth2.bcrypt.cost":                                 "oauth2.hashers.bcrypt.cost",
			"hashers.bcrypt.cost":                                "oauth2.hashers.bcrypt.cost",
			"oidc.discovery.supported_claims":                    "webfinger.oidc_discovery.supported_claims",
			"oidc.discovery.supported_scope":                     "webfinger.oidc_discovery.supported_scope",
			"tracing.providers.jaeger.sampling.value":            "tracing.providers.jaeger.sampling.trace_id_ratio",
			"cgroups.v1.auto_max_procs":                          "cgroups.v1.auto_max_procs_enabled",
			"oauth2.include_legacy_error_fields":                 "",
			"tracing.providers.jaeger.sampling.type":             "",
			"tracing.providers.jaeger.propagation":               "",
			"tracing.providers.jaeger.max_tag_value_length":      "",
			"serve.cookies.same_site_legacy_workaround_disabled": "",
		}
	}
	out := map[string]string{
		"selfservice.whitelisted_return_urls":                    "selfservice.allowed_return_urls",
		"selfservice.methods.webauthn.config.rp.origin":          "selfservice.methods.webauthn.config.rp.origins",
		"selfservice.methods.code.config.passwordless_enabled":   "selfservice.methods.code.passwordless_enabled",
		"selfservice.methods.code.config.mfa_enabled":            "selfservice.methods.code.mfa_enabled",
		"selfservice.strategies.*.enabled":                       "selfservice.methods.*.enabled",
		"selfservice.strategies.oidc.config.providers":           "selfservice.methods.oidc.config.providers",
		"selfservice.logout.redirect_to":                         "selfservice.flows.logout.after.default_browser_return_url",
		"selfservice.flows.*.request_lifespan":                   "selfservice.flows.*.lifespan",
		"selfservice.*.request_lifespan":                         "selfservice.flows.*.lifespan",
		"selfservice.settings.privileged_session_max_age":        "selfservice.flows.settings.privileged_session_max_age",
		"selfservice.flows.*.after.*.default_return_to":          "selfservice.flows.*.after.*.default_browser_return_url",
		"selfservice.flows.*.after.default_return_to":            "selfservice.flows.*.after.default_browser_return_url",
		"urls.default_return_to":                                 "selfservice.default_browser_return_url",
		"urls.whitelisted_return_to_urls":                        "selfservice.allowed_return_urls",
		"urls.login_ui":                                          "selfservice.flows.login.ui_url",
		"urls.registration_ui":                                   "selfservice.flows.registration.ui_url",
		"urls.settings_ui":                                       "selfservice.flows.settings.ui_url",
		"urls.profile_ui":                                        "selfservice.flows.settings.ui_url",
		"urls.verify_ui":                                         "selfservice.flows.verification.ui_url",
		"urls.recovery_ui":                                       "selfservice.flows.recovery.ui_url",
		"urls.error_ui":                                          "selfservice.flows.error.ui_url",
		"urls.self.public":                                       "serve.public.base_url",
		"urls.self.admin":                                        "serve.admin.base_url",
		"identity.traits.default_schema_url":                     "identity.default_schema_url",
		"identity.traits.schemas":                                "identity.schemas",
		"secrets.session":                                        "secrets.cookie",
		"security.session.cookie.same_site":                      "session.cookie.same_site",
		"security.session.cookie.domain":                         "session.cookie.domain",
		"security.session.cookie.path":                           "session.cookie.path",
		"hashing.argon2.memory":                                  "hashers.argon2.memory",
		"serve.public.access_log.disable_for_health":             "serve.public.request_log.disable_for_health",
		"serve.admin.access_log.disable_for_health":              "serve.admin.request_log.disable_for_health",
		"tracing.providers.jaeger.sampling.value":                "tracing.providers.jaeger.sampling.trace_id_ratio",
		"selfservice.methods.password.config.max_breaches_count": "selfservice.methods.password.config.max_breaches",
		"serve.public.domain_aliases":                            "",
		"tracing.providers.jaeger.sampling.type":                 "",
		"tracing.providers.jaeger.propagation":                   "",
	}
	return out
}

// rename gives an entry today's path. It reports whether the key is gone, which it says itself.
func (d *draft) rename(e *entry) bool {
	for old, now := range renames(e.engine) {
		if !matches(old, e.path) {
			continue
		}
		if now == "" {
			d.report(*e, Dropped, nil, "is gone from the versions that identityd embeds")
			return true
		}
		e.path = filled(old, now, e.path)
		if e.engine == kratos && strings.HasSuffix(now, ".origins") {
			e.value = []any{e.value}
		}
		return false
	}
	return false
}

// filled puts the names that * stood for into now.
func filled(old, now, path string) string {
	parts, names := strings.Split(old, "."), strings.Split(path, ".")
	out := strings.Split(now, ".")
	next := 0
	for i, p := range parts {
		if p != "*" {
			continue
		}
		for next < len(out) && out[next] != "*" {
			next++
		}
		if next < len(out) {
			out[next] = names[i]
		}
	}
	return strings.Join(out, ".")
}

// laterKeys are keys of versions after the ones that are embedded.
func laterKeys(engine, path string) (why string, ok bool) {
	const newer = "is of a newer version than the one that identityd embeds"
	patterns := []string{
		"urls.device.**", "oauth2.device_authorization.**", "ttl.device_user_code", "secrets.pagination", "oauth2.grant.refresh_token.rotation_grace_reuse_count",
		"strategies.access_token_jwt.**", "webfinger.oidc_discovery.device_authorization_url",
	}
	if engine == kratos {
		patterns = []string{
			"secrets.pagination", "selfservice.methods.saml.**", "selfservice.methods.captcha.**", "selfservice.methods.oidc.config.*.pkce",
			"selfservice.flows.recovery.choose_recovery_address", "feature_flags.choose_recovery_address", "feature_flags.**",
			"selfservice.methods.code.config.max_submissions", "security.disallow_private_ip_ranges", "revision", "serve.admin.cors.**",
			"identity.default_schema_url",
		}
	}
	for _, p := range patterns {
		if matches(p, path) {
			return newer, true
		}
	}
	return "", false
}
