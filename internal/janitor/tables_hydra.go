package janitor

import "time"

// hydraTables are Hydra's. Its own janitor removes tokens by the lifespans of the settings, though a
// client may have longer ones, and never a flow that was used (docs/ory-quirks.md#q35).
func hydraTables() []table {
	token := func(name string) table {
		return table{
			name: name, in: inHydra, key: "signature", order: "requested_at",
			until: func(c *clause) time.Time { return c.ago(c.limits.KeepTokens) },
			dead:  func(c *clause) string { return c.before("expires_at", c.ago(c.limits.KeepTokens)) },
		}
	}
	access := token("hydra_oauth2_access")
	access.dead = func(c *clause) string {
		// Rows of before Hydra wrote down when a token ends. Refresh tokens without an end have none.
		return "(" + c.before("expires_at", c.ago(c.limits.KeepTokens)) + " OR x.expires_at IS NULL AND " +
			c.before("requested_at", c.ago(c.limits.KeepTokens+c.limits.OldestToken)) + ")"
	}
	// These have no index on a timestamp.
	unordered := func(name, key string) table {
		t := token(name)
		t.key, t.order, t.until = key, "", nil
		return t
	}
	jti := unordered("hydra_oauth2_jti_blacklist", "signature")
	jti.order, jti.until = "expires_at", func(c *clause) time.Time { return c.ago(c.limits.KeepTokens) }
	return []table{
		access,
		token("hydra_oauth2_refresh"),
		unordered("hydra_oauth2_code", "signature"),
		unordered("hydra_oauth2_pkce", "signature"),
		unordered("hydra_oauth2_oidc", "signature"),
		jti,
		unordered("hydra_oauth2_trusted_jwt_bearer_issuer", "id"),
		unordered("hydra_oauth2_logout_request", "challenge"),
		{name: "hydra_oauth2_flow", in: inHydra, key: "login_challenge", dead: deadFlow},
		{name: "hydra_oauth2_authentication_session", in: inHydra, key: "id", dead: deadLogin},
		{name: "hydra_client", in: inHydra, key: "id", dead: deadClient},
	}
}

// flowReferrers are the tables that a deleted flow takes rows with it from.
func flowReferrers() []string {
	return []string{
		"hydra_oauth2_access", "hydra_oauth2_refresh", "hydra_oauth2_code", "hydra_oauth2_pkce", "hydra_oauth2_oidc",
	}
}

// deadFlow says that nothing needs a flow: no token or code came of it that still has a row (they end
// first, by their own life, so that the cascade never takes one along), it holds no consent that is
// remembered, and no application has to be told by it of a sign-out.
func deadFlow(c *clause) string {
	out := c.before("requested_at", c.ago(c.limits.KeepTokens))
	for _, name := range flowReferrers() {
		out += " AND " + c.none("SELECT 1 FROM "+name+" AS r WHERE r.challenge_id = x.consent_challenge_id")
	}
	const consent = "x.consent_remember = TRUE AND x.consent_skip = FALSE AND x.consent_error = '{}'"
	// Hydra looks at the latest remembered consent only: were it removed when it has ended, an older one
	// that lasts longer would come into force again.
	out += " AND (NOT (" + consent + ") OR x.consent_remember IS NULL OR x.consent_error IS NULL" +
		" OR (x.consent_remember_for > 0 AND " +
		c.past("x.requested_at", "x.consent_remember_for", c.ago(c.limits.KeepTokens)) +
		" AND " + c.none("SELECT 1 FROM hydra_oauth2_flow AS o WHERE o.subject = x.subject"+
		" AND o.client_id = x.client_id AND o.nid = x.nid AND o.consent_skip = FALSE"+
		" AND o.consent_error = '{}' AND o.consent_remember = TRUE AND o.requested_at < x.requested_at") + "))"
	return out + " AND " + c.none("SELECT 1 FROM hydra_oauth2_authentication_session AS s"+
		" JOIN hydra_client AS k ON k.id = x.client_id AND k.nid = x.nid WHERE s.id = x.login_session_id"+
		" AND (COALESCE(k.frontchannel_logout_uri, '') <> '' OR COALESCE(k.backchannel_logout_uri, '') <> '')")
}

// deadLogin says that the cookie of a sign-in cannot be valid any longer. The row has to outlive the
// cookie, because a flow of a browser that has one refers to the row.
func deadLogin(c *clause) string {
	end := c.ago(c.limits.Session + c.limits.KeepTokens)
	return c.before("authenticated_at", end) +
		" AND " + c.none("SELECT 1 FROM hydra_oauth2_flow AS o WHERE o.login_session_id = x.id"+
		" AND o.nid = x.nid AND NOT ("+c.past("o.requested_at", "", end)+")")
}

// deadClient says that an application registered itself, was never verified, and is used by nobody: what a
// sign-in, a token or a remembered consent leaves has been removed, or never was (internal/hydra/registration.go).
func deadClient(c *clause) string {
	out := c.before("created_at", c.ago(c.limits.KeepClients)) +
		` AND x.metadata LIKE '%"identityd_registration"%' AND x.metadata NOT LIKE '%"verified"%'`
	for _, name := range []string{"hydra_oauth2_flow", "hydra_oauth2_access", "hydra_oauth2_refresh"} {
		out += " AND " + c.none("SELECT 1 FROM "+name+" AS r WHERE r.client_id = x.id AND r.nid = x.nid")
	}
	return out
}
