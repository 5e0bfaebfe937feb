package growth

// rule says how a column of a copied row differs from that of the row it is copied from. $i is the number of the copy.
type rule string

const (
	// asUUID makes another id from an id, the same one wherever the id stands.
	asUUID rule = "md5(%[1]s::text || '/' || i)::uuid"
	// asUUIDText is that of an id in a column of text.
	asUUIDText rule = "md5(%[1]s || '/' || i)::uuid::text"
	// asToken is for random texts, whose length stays.
	asToken rule = "left(md5(%[1]s || '/' || i) || md5(i || '/' || %[1]s) || %[1]s, length(%[1]s))"
	// asAddress puts another address in the place of the one of the person who is copied, in a column of text or JSON.
	asAddress rule = "replace(%[1]s::text, $1, 'grown' || i || '@people.example.com')"
	// asJSON is asAddress for JSON.
	asJSON rule = "replace(%[1]s::text, $1, 'grown' || i || '@people.example.com')::jsonb"
)

// table is one table that is copied to. Columns without a rule stay as they are.
type table struct {
	name string
	// from says which rows are copied. $1 is the address, $2 the id of the person.
	from  string
	rules map[string]rule
}

// people are the rows of one person, as Kratos' admin API writes them, and of one session, as a sign-in writes it.
func people() []table {
	const (
		ofPerson     = "identity_id = $2::text::uuid"
		ofCredential = "identity_credential_id IN (SELECT id FROM identity_credentials WHERE " + ofPerson + ")"
		lastSession  = "(SELECT id FROM sessions WHERE " + ofPerson + " ORDER BY created_at DESC LIMIT 1)"
	)
	return []table{
		{"identities", "id = $2::text::uuid", map[string]rule{"id": asUUID, "traits": asJSON}},
		{"identity_credentials", ofPerson, map[string]rule{"id": asUUID, "identity_id": asUUID, "config": asJSON}},
		{"identity_credential_identifiers", ofCredential, map[string]rule{"id": asUUID, "identity_credential_id": asUUID, "identifier": asAddress}},
		{"identity_verifiable_addresses", ofPerson, map[string]rule{"id": asUUID, "identity_id": asUUID, "value": asAddress}},
		{"identity_recovery_addresses", ofPerson, map[string]rule{"id": asUUID, "identity_id": asUUID, "value": asAddress}},
		{"sessions", "id = " + lastSession, map[string]rule{"id": asUUID, "identity_id": asUUID, "token": asToken, "logout_token": asToken}},
		{"session_devices", "session_id = " + lastSession, map[string]rule{"id": asUUID, "session_id": asUUID}},
	}
}

// tokens are the rows that one code flow leaves for as long as its tokens live: the browser's session, the flow, which is also the consent, and both tokens.
func tokens() []table {
	const challenge = "(SELECT challenge_id FROM hydra_oauth2_refresh WHERE subject = $2 AND active ORDER BY requested_at DESC LIMIT 1)"
	copied := map[string]rule{"signature": asToken, "request_id": asUUIDText, "challenge_id": asToken, "subject": asUUIDText}
	return []table{
		{
			"hydra_oauth2_authentication_session", "id = (SELECT login_session_id FROM hydra_oauth2_flow WHERE consent_challenge_id = " + challenge + ")",
			map[string]rule{"id": asUUIDText, "subject": asUUIDText, "identity_provider_session_id": asUUIDText},
		},
		{
			"hydra_oauth2_flow", "consent_challenge_id = " + challenge,
			map[string]rule{
				"login_challenge": asToken, "login_verifier": asToken, "login_csrf": asToken, "consent_challenge_id": asToken, "consent_verifier": asToken, "consent_csrf": asToken,
				"subject": asUUIDText, "login_session_id": asUUIDText, "identity_provider_session_id": asUUIDText,
			},
		},
		{"hydra_oauth2_access", "signature = (SELECT signature FROM hydra_oauth2_access WHERE challenge_id = " + challenge + " ORDER BY requested_at DESC LIMIT 1)", copied},
		{
			"hydra_oauth2_refresh", "signature = (SELECT signature FROM hydra_oauth2_refresh WHERE challenge_id = " + challenge + " AND active ORDER BY requested_at DESC LIMIT 1)",
			map[string]rule{
				"signature": asToken, "request_id": asUUIDText, "challenge_id": asToken, "subject": asUUIDText, "access_token_signature": asToken,
			},
		},
	}
}
