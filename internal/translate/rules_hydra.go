package translate

// hydraRules lists what becomes of Hydra's keys. The first that fits counts.
func hydraRules() []rule {
	const (
		tracingWhy = "spans are of the service identityd, in whichever region it is"
		discovery  = "identityd announces its own addresses, under the issuer"
		pages      = "the pages are identityd's own now"
	)
	return []rule{
		{"dsn", finally("see the notes", "database")},
		{"dev", develop},
		{"version", drop("says for which version the file was written")},
		{"log.level", level},
		{"log.format", logFormat},
		{"log.leak_sensitive_values", leak},
		{"log.redaction_text", drop("identityd logs nothing that would have to be hidden")},
		{"tracing.service_name", drop(tracingWhy)},
		{"tracing.deployment_environment", drop(tracingWhy)},
		{"tracing", collector},
		{"sqa", drop("identityd sends no telemetry")},
		{"profiling", drop("identityd writes no profiles by itself")},
		{"cgroups", drop("identityd keeps to the limits of its container in any case")},
		{"hsm", refuse("is not served: identityd keeps its signing keys in the database. Tokens are signed with new ones")},
		{"feature_flags", keep},
		{"db.ignore_unknown_table_columns", drop("identityd does so in any case")},
		{"clients.http.disallow_private_ip_ranges", private},
		{"clients.http.private_ip_exception_urls", exceptions},

		{"serve.tls.enabled", finally("by the certificate", "tls.cert_file")},
		{"serve.tls", certificate("")},
		{"serve.public.tls.enabled", finally("by the certificate", "tls.cert_file")},
		{"serve.public.tls", certificate("hydra_public")},
		{"serve.admin.tls.enabled", finally("by the certificate", "tls.hydra_admin.cert_file")},
		{"serve.admin.tls", certificate("hydra_admin")},
		{"serve.public.host", listenHost("hydra_public")},
		{"serve.public.port", listenPort("hydra_public")},
		{"serve.admin.host", listenHost("hydra_admin")},
		{"serve.admin.port", listenPort("hydra_admin")},
		{"serve.public.socket", drop(socketWhy)},
		{"serve.admin.socket", drop(socketWhy)},
		{"serve.public.request_log", drop(requestLogWhy)},
		{"serve.admin.request_log", drop(requestLogWhy)},
		{"serve.public.cors", cors},
		{"serve.admin.cors", adminCORS},

		{"serve.cookies.domain", cookieDomain},
		{"serve.cookies.secure", drop("follows from the address: with https:// they are")},
		{"serve.cookies.same_site_mode", sameSite("serve.cookies.same_site_mode")},
		{"serve.cookies.same_site_legacy_workaround", drop("is for browsers of 2019, and for None, which is not needed here")},
		{"serve.cookies.names", keep},
		{"serve.cookies.paths", keep},

		{"urls.self.issuer", found("urls.hydra", "the issuer, to the letter")},
		{"urls.self.public", drop("is the issuer in identityd")},
		{"urls.self.admin", drop("admin listeners are known by listen.hydra_admin")},
		{"urls.identity_provider", drop("Kratos is in the same process")},
		{"urls.post_logout_redirect", drop(pages + "; what an application asks for comes first")},
		{"urls", found("urls.ui", pages)},

		{"secrets.system", finally("the same secrets, in a file", "secrets.system_file")},
		{"secrets.cookie", finally("the same secrets, in a file", "secrets.cookie_file")},
		{"secrets", finally("the same secrets, in a file", "secrets")},

		{"ttl.access_token", to("tokens.access")},
		{"ttl.refresh_token", refreshLife},
		{"ttl.id_token", to("tokens.id")},
		{"ttl", keep},
		{"strategies.access_token", to("tokens.format")},
		{"strategies", keep},

		{"oauth2.expose_internal_errors", expose},
		{"oauth2.pkce.enforced_for_public_clients", like(true, "identityd would ask public clients for PKCE; remove it when all of them send it")},
		{"oauth2.grant.refresh_token.rotation_grace_period", to("tokens.refresh_grace")},
		{"oauth2", keep},
		{"oidc.subject_identifiers.supported_types", subjectTypes},
		{"oidc.dynamic_client_registration.enabled", registersClients},
		{"oidc.dynamic_client_registration.default_scope", to("dynamic_registration.scopes")},
		{"oidc", keep},

		{"webfinger.oidc_discovery.supported_claims", keep},
		{"webfinger.oidc_discovery.supported_scope", keep},
		{"webfinger.oidc_discovery.client_registration_url", keep},
		{"webfinger.oidc_discovery", drop(discovery)},
		{"webfinger", keep},
	}
}

const (
	socketWhy     = "a socket of identityd has the owner and the mode that its folder and umask give it"
	requestLogWhy = "identityd decides itself which requests are in the log"
)
