package claims

// reservedClaims are the claims that the protocol gives a meaning to. A person's own text under such
// a name would be taken for the word of the issuer.
func reservedClaims() map[string]bool {
	set := map[string]bool{}
	for _, name := range []string{
		"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "nonce", "auth_time", "acr", "amr", "azp", "sid",
		"at_hash", "c_hash", "s_hash", "scp", "scope", "client_id", "ext", "rat",
		// Proof of possession, delegation, and what makes a token a logout token.
		"cnf", "act", "may_act", "events",
		// Introspection and aggregated claims.
		"active", "token_type", "token_use", "_claim_names", "_claim_sources",
	} {
		set[name] = true
	}
	return set
}

// refusedScope says why a scope cannot reveal claims, or nothing.
func refusedScope(scope string) string {
	switch scope {
	case "openid":
		return "every sign-in asks for openid, so consent to the claim could not be refused; " +
			"put it under profile or a scope of your own"
	case "offline_access", "offline":
		return scope + " asks for a refresh token and reveals nothing; put the claim under profile or a scope of your own"
	}
	for _, c := range []byte(scope) {
		// RFC 6749, section 3.3; the star is a wildcard of Hydra's scope matching.
		if c <= ' ' || c > '~' || c == '"' || c == '\\' || c == '*' {
			return quote(scope) + ` is no name of a scope; use printable ASCII without spaces, quotes, \ and *`
		}
	}
	if scope == "" || len(scope) > longestName {
		return "the name of a scope has 1 to 100 characters"
	}
	return ""
}

// Refused says why a claim cannot have a name, or nothing.
func Refused(name string) string { return refusedClaim(name) }

// refusedClaim says why a claim cannot have a name, or nothing.
func refusedClaim(name string) string {
	if reservedClaims()[name] {
		return name + " is set by the protocol and cannot be mapped; choose another name"
	}
	for _, c := range []byte(name) {
		if c <= ' ' || c > '~' || c == '"' || c == '\\' {
			return quote(name) + ` is no name of a claim; use printable ASCII without spaces, quotes and \`
		}
	}
	if name == "" || len(name) > longestName {
		return "the name of a claim has 1 to 100 characters"
	}
	return ""
}

const longestName = 100

// trusted says whether applications grant rights by a claim.
func trusted(name string) bool {
	switch name {
	case "groups", "group", "roles", "role", "permissions", "entitlements", "email_verified", "phone_number_verified":
		return true
	}
	return false
}
