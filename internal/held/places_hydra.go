package held

func hydraPlaces() []place {
	subject := func(c *clause) string { return "x.subject = " + c.arg(c.person.ID) }
	var out []place
	for table, kind := range map[string]string{
		"hydra_oauth2_access": "access tokens", "hydra_oauth2_refresh": "refresh tokens", "hydra_oauth2_code": "authorization codes",
	} {
		out = append(out, place{
			in: inHydra, table: table, kind: kind, key: []string{"signature"}, typed: true, exact: subject,
			shows: []string{"client_id", "requested_at", "expires_at", "granted_scope", "active"},
		})
	}
	for _, table := range []string{"hydra_oauth2_oidc", "hydra_oauth2_pkce"} {
		out = append(out, place{
			in: inHydra, table: table, kind: "authorization codes", key: []string{"signature"}, typed: true, hidden: true, exact: subject,
		})
	}
	return append(
		out,
		place{
			in: inHydra, table: "hydra_oauth2_flow", kind: "sign-ins to applications and consents", key: []string{"login_challenge"}, typed: true, exact: subject,
			shows: []string{
				"client_id", "requested_at", "requested_scope", "granted_scope", "consent_handled_at", "consent_remember", "acr", "amr",
				"session_id_token AS claims_in_id_token", "session_access_token AS claims_in_access_token",
			},
		},
		place{
			in: inHydra, table: "hydra_oauth2_authentication_session", kind: "remembered sign-ins", key: []string{"id"}, typed: true, exact: subject,
			shows: []string{"authenticated_at", "remember"},
		},
		place{
			in: inHydra, table: "hydra_oauth2_logout_request", kind: "sign-outs", key: []string{"challenge"}, typed: true, exact: subject,
			shows: []string{"client_id", "requested_at", "accepted"},
		},
		place{
			in: inHydra, table: "hydra_oauth2_obfuscated_authentication_session", kind: "pairwise names", key: []string{"client_id", "subject"}, typed: true, exact: subject,
			shows: []string{"client_id", "subject_obfuscated"},
		},
		place{
			in: inHydra, table: "hydra_oauth2_trusted_jwt_bearer_issuer", kind: "grants to issuers of assertions", key: []string{"id"}, exact: subject,
			shows: []string{"issuer", "scope", "created_at", "expires_at"},
		},
	)
}
