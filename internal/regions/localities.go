package regions

import "strings"

// Locality says where the rows of a table live, in the words of CockroachDB.
type Locality string

// The localities that are used. A table that is regional by table can also name another region than
// the primary one; that is somebody else's decision, and shown as a difference.
const (
	Global  Locality = "GLOBAL"
	Primary Locality = "REGIONAL BY TABLE IN PRIMARY REGION"
	ByRow   Locality = "REGIONAL BY ROW"
)

// Place returns where a table of an engine belongs, and whether it is one that this release knows.
// One that it does not know stays in the primary region, where every table is correct.
func Place(engine, table string, g Goal) (l Locality, known bool) {
	for _, name := range globals(engine) {
		if table == name {
			return Global, true
		}
	}
	// Ours hold leases with heartbeats, queues, and what a start compares: written often, and wrong
	// when read late.
	if engine == "kratos" && strings.HasPrefix(table, "identityd_") {
		return Primary, true
	}
	for _, name := range strict(engine) {
		if table == name {
			return Primary, true
		}
	}
	for _, name := range mobile(engine) {
		if table != name {
			continue
		}
		if g.Rows == rowsLocal {
			return ByRow, true
		}
		return Primary, true
	}
	return Primary, false
}

// globals are read with almost every request, or point to by foreign keys from almost every row, and
// written by operators only.
func globals(engine string) []string {
	if engine == "hydra" {
		return []string{
			"networks", "schema_migration", "hydra_client", "hydra_jwk", "hydra_oauth2_trusted_jwt_bearer_issuer",
		}
	}
	return []string{"networks", "schema_migration", "identity_credential_types"}
}

// strict stay in the primary region even where rows are local.
func strict(engine string) []string {
	if engine == "hydra" {
		// An assertion that was used in one region must not pass in another.
		return []string{"hydra_oauth2_jti_blacklist"}
	}
	// One process sends mail, wherever it runs: it would ask every region for the queue each second.
	return []string{"courier_messages", "courier_message_dispatches"}
}

// mobile are written where the person is.
func mobile(engine string) []string {
	if engine == "hydra" {
		return []string{
			"hydra_oauth2_flow", "hydra_oauth2_access", "hydra_oauth2_refresh", "hydra_oauth2_code",
			"hydra_oauth2_oidc", "hydra_oauth2_pkce", "hydra_oauth2_authentication_session",
			"hydra_oauth2_logout_request", "hydra_oauth2_obfuscated_authentication_session",
		}
	}
	return []string{
		"identities", "identity_credentials", "identity_credential_identifiers",
		"identity_verifiable_addresses", "identity_recovery_addresses",
		"sessions", "session_devices", "session_token_exchanges",
		"selfservice_login_flows", "selfservice_registration_flows", "selfservice_recovery_flows",
		"selfservice_settings_flows", "selfservice_verification_flows", "selfservice_errors",
		"continuity_containers",
		"identity_login_codes", "identity_registration_codes", "identity_recovery_codes",
		"identity_verification_codes", "identity_recovery_tokens", "identity_verification_tokens",
	}
}
