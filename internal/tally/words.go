package tally

// The flows that people go through.
const (
	Registration = "registration"
	Login        = "login"
	SecondFactor = "second_factor"
	Recovery     = "recovery"
	Verification = "verification"
	Settings     = "settings"
	Consent      = "consent"
	Logout       = "logout"
)

// Flows are all of them.
func Flows() []string {
	return []string{Registration, Login, SecondFactor, Recovery, Verification, Settings, Consent, Logout}
}

// The stages of a sign-in that an application began, in their order.
const (
	StageBegan     = "began"
	StageSignedIn  = "signed_in"
	StageConsented = "consented"
	StageCode      = "code"
	StageTokens    = "tokens"
)

// Stages are all of them.
func Stages() []string {
	return []string{StageBegan, StageSignedIn, StageConsented, StageCode, StageTokens}
}

// Other stands for every word that is in no list.
const Other = "other"

// none is the method of what has none.
const none = "none"

// Methods are the ways in which a flow is completed, as Kratos calls them.
func Methods() []string {
	return []string{
		none, "password", "code", "link", "oidc", "passkey", "webauthn", "totp", "lookup_secret", "profile", "identifier_first", Other,
	}
}

// Grants are the grant types of tokens. None is that of a request that names none, and of a token that the
// authorization endpoint gave out itself.
func Grants() []string {
	return []string{AuthorizationCode, "refresh_token", "client_credentials", jwtBearer, "password", none, Other}
}

// AuthorizationCode is the grant of a person's sign-in.
const AuthorizationCode = "authorization_code"

const jwtBearer = "jwt_bearer"

// The reasons of a flow that failed.
const (
	Unavailable = "unavailable"
	Throttled   = "throttled"
	refusedBy   = "refused_by_person"
)

// Reasons are all of them.
func Reasons() []string {
	return []string{
		"wrong_credentials", "wrong_code", "expired", "account_exists", "not_verified", "bad_password", "bad_input", "forged",
		"sign_in_again", "sign_up_closed", "provider", "hook", refusedBy, Throttled, Unavailable, Other,
	}
}

// Refusals are the reasons of a token that was refused: the errors of RFC 6749, and two of ours.
func Refusals() []string {
	return []string{
		"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope",
		Throttled, Unavailable, Other,
	}
}

// within returns a word that is in a list, and Other for what is in none.
func within(word string, list []string) string {
	for _, known := range list {
		if word == known {
			return known
		}
	}
	return Other
}

// GrantOf returns the word for a grant type as applications send it.
func GrantOf(sent string) string {
	switch sent {
	case "":
		return none
	case "urn:ietf:params:oauth:grant-type:jwt-bearer":
		return jwtBearer
	}
	return within(sent, Grants())
}
