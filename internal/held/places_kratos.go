package held

func kratosPlaces() []place {
	mine := func(c *clause) string { return "x.identity_id = " + c.id() }
	id := []string{"id"}
	// What Kratos removes with the account comes last: who is there can be found again.
	return append(kratosRest(), []place{
		{
			table: "session_devices", kind: "devices", key: id, engine: true, shows: []string{"ip_address", "user_agent", "location", "created_at"},
			exact: func(c *clause) string {
				return "x.session_id IN (SELECT s.id FROM sessions AS s WHERE s.identity_id = " + c.id() + ")"
			},
		},
		{
			table: "sessions", kind: "sessions", key: id, engine: true, exact: mine,
			shows: []string{"issued_at", "authenticated_at", "expires_at", "active", "aal", "authentication_methods"},
		},
		{
			table: "identity_credential_identifiers", kind: "names to sign in with", key: id, engine: true, shows: []string{"identifier"},
			exact: func(c *clause) string {
				return "x.identity_credential_id IN (SELECT k.id FROM identity_credentials AS k WHERE k.identity_id = " + c.id() + ")"
			},
		},
		{
			table: "identity_credentials", kind: "ways to sign in", key: id, engine: true, exact: mine,
			shows: []string{"(SELECT t.name FROM identity_credential_types AS t WHERE t.id = x.identity_credential_type_id) AS type", "created_at", "updated_at"},
		},
		{table: "identity_verifiable_addresses", kind: "addresses", key: id, engine: true, exact: mine, shows: []string{"via", "value", "verified", "verified_at", "created_at"}},
		{table: "identity_recovery_addresses", kind: "addresses for recovery", key: id, engine: true, exact: mine, shows: []string{"via", "value", "created_at"}},
		{
			table: "identities", kind: "accounts", key: id, engine: true, exact: func(c *clause) string { return "x.id = " + c.id() },
			shows: []string{"schema_id", "state", "traits", "metadata_public", "created_at", "updated_at"},
		},
	}...)
}

// kratosRest is what Kratos leaves behind: texts that somebody typed, and mails.
func kratosRest() []place {
	id := []string{"id"}
	addresses := func(table string) func(*clause) string {
		return func(c *clause) string {
			return "x.identity_verifiable_address_id IN (SELECT a.id FROM " + table + " AS a WHERE a.identity_id = " + c.id() + ")"
		}
	}
	flow := func(table, kind, owner string, texts ...string) place {
		p := place{table: table, kind: kind, key: id, texts: append([]string{"ui", "request_url"}, texts...), shows: []string{"issued_at", "expires_at", "type", "state", "active_method"}}
		if owner != "" {
			p.exact = func(c *clause) string { return "x." + owner + " = " + c.id() }
		}
		return p
	}
	return []place{
		{
			table: "identity_login_codes", kind: "codes and links", key: id, hidden: true,
			exact: func(c *clause) string { return "x.identity_id = " + c.id() + " OR " + c.names("x.address") },
		},
		{table: "identity_registration_codes", kind: "codes and links", key: id, hidden: true, exact: func(c *clause) string { return c.names("x.address") }},
		{table: "identity_recovery_codes", kind: "codes and links", key: id, hidden: true, exact: func(c *clause) string { return "x.identity_id = " + c.id() }},
		{table: "identity_recovery_tokens", kind: "codes and links", key: id, hidden: true, exact: func(c *clause) string { return "x.identity_id = " + c.id() }},
		{table: "identity_verification_codes", kind: "codes and links", key: id, hidden: true, exact: addresses("identity_verifiable_addresses")},
		{table: "identity_verification_tokens", kind: "codes and links", key: id, hidden: true, exact: addresses("identity_verifiable_addresses")},
		{
			table: "session_token_exchanges", kind: "codes and links", key: id, hidden: true,
			exact: func(c *clause) string {
				if len(c.person.Sessions) == 0 {
					return ""
				}
				out := "x.session_id IN ("
				for i, session := range c.person.Sessions {
					if i > 0 {
						out += ", "
					}
					c.args = append(c.args, session)
					out += uuidMark(c.dialect, len(c.args))
				}
				return out + ")"
			},
		},
		{table: "continuity_containers", kind: "forms that wait for a sign-in", key: id, texts: []string{"payload"}, shows: []string{"name", "created_at"}, exact: func(c *clause) string { return "x.identity_id = " + c.id() }},
		{
			table: "courier_messages", kind: "mails", key: id, texts: []string{"template_data"}, exact: func(c *clause) string { return c.names("x.recipient") },
			shows: []string{"recipient", "subject", "template_type", "created_at", "status", "send_count"},
		},
		flow("selfservice_login_flows", "forms to sign in", "", "internal_context", "oauth2_login_challenge_data"),
		flow("selfservice_registration_flows", "forms to sign up", "", "internal_context", "oauth2_login_challenge_data"),
		flow("selfservice_settings_flows", "forms of settings", "identity_id", "internal_context"),
		flow("selfservice_recovery_flows", "forms of recovery", "recovered_identity_id"),
		flow("selfservice_verification_flows", "forms of verification", "identity_id"),
		{table: "selfservice_errors", kind: "errors that were shown", key: id, texts: []string{"errors"}, shows: []string{"created_at"}},
	}
}
