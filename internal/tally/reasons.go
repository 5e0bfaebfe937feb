package tally

import "strings"

// reasonOf returns the reason that a cause stands for: kratos:4000006, oauth:access_denied, page:hook_refused,
// throttled. It is Other for all that the list does not have.
func reasonOf(cause string) string {
	if id, ok := strings.CutPrefix(cause, "kratos:"); ok {
		return kratosReason(id)
	}
	switch cause {
	case "throttled":
		return Throttled
	case "busy:hashes":
		return Unavailable
	case "page:hook_refused":
		return "hook"
	case "page:invitation", "page:by_invitation":
		return "sign_up_closed"
	case "oauth:access_denied":
		return refusedBy
	}
	return Other
}

// kratosReason groups the numbers of Kratos' messages (kratos: text/id.go) and the ids of its errors.
func kratosReason(id string) string {
	switch id {
	case "4000006", "4000009", "4000015", "4000035", "4000037", "4010009", "4010010":
		return "wrong_credentials"
	case "4000008", "4000011", "4000012", "4000013", "4000014", "4000016", "4010008", "4040003", "4060003", "4060004", "4060006",
		"4070001", "4070004", "4070006":
		return "wrong_code"
	case "4010001", "4040001", "4050001", "4060005", "4070005", "self_service_flow_expired", "self_service_flow_replaced":
		return "expired"
	case "4000007", "4000027", "4000028":
		return "account_exists"
	case "4000010", "session_verified_address_required":
		return "not_verified"
	case "4000005", "4000031", "4000032", "4000033", "4000034":
		return "bad_password"
	case "4000001", "4000002", "4000003", "4000004", "4000017", "4000018", "4000019", "4000020", "4000021", "4000022", "4000023",
		"4000024", "4000025", "4000026", "4000029", "4000030", "4000036", "4010002", "4010003", "4010004", "4010005", "4010006":
		return "bad_input"
	case "security_csrf_violation", "security_identity_mismatch":
		return "forged"
	case "session_refresh_required", "session_aal2_required", "session_already_available", "session_inactive":
		return "sign_in_again"
	case "identityd_invitation_required", "self_service_flow_disabled":
		return "sign_up_closed"
	case "identityd_provider_failed":
		return "provider"
	case "4900001", "4900002", "4900003":
		return "hook"
	}
	return Other
}

// refusalOf returns the reason that a token was refused for.
func refusalOf(cause string) (string, bool) {
	if cause == "throttled" {
		return Throttled, true
	}
	code, ok := strings.CutPrefix(cause, "oauth:")
	if !ok {
		return "", false
	}
	switch code {
	case "server_error", "temporarily_unavailable":
		return Unavailable, true
	}
	return within(code, Refusals()), true
}
