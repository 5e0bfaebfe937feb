package claims

import (
	"strings"

	"example.com/identityd/internal/identity"
)

func text(traits map[string]any, key string) string {
	value, _ := traits[key].(string)
	return strings.TrimSpace(value)
}

func names(traits map[string]any) (name, given, family string) {
	parts, ok := traits["name"].(map[string]any)
	if !ok {
		return text(traits, "name"), text(traits, "given_name"), text(traits, "family_name")
	}
	given = firstOf(parts, "given", "first", "given_name", "first_name")
	family = firstOf(parts, "family", "last", "family_name", "last_name")
	return strings.TrimSpace(given + " " + family), given, family
}

func firstOf(traits map[string]any, keys ...string) string {
	for _, key := range keys {
		if value := text(traits, key); value != "" {
			return value
		}
	}
	return ""
}

// postal returns the members of the address claim (OpenID Connect Core 1.0, section 5.1.1); an
// address in one piece is its formatted member.
func postal(traits map[string]any) any {
	out := map[string]any{}
	if whole := text(traits, "address"); whole != "" {
		out["formatted"] = whole
	}
	parts, _ := traits["address"].(map[string]any)
	for _, member := range []string{
		"formatted", "street_address", "locality", "region", "postal_code", "country",
	} {
		if value := text(parts, member); value != "" {
			out[member] = value
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// address returns the first address that is reached via.
func address(person identity.Identity, via string) string {
	for _, a := range person.VerifiableAddresses {
		if a.Via == via {
			return a.Value
		}
	}
	return ""
}

// verified compares in lower case: Kratos stores addresses so, but keeps the trait as it was typed
// (Kratos: identity/extension_verification.go).
func verified(person identity.Identity, via, value string) bool {
	value = strings.ToLower(strings.TrimSpace(value))
	for _, a := range person.VerifiableAddresses {
		if a.Via == via && a.Verified && strings.ToLower(a.Value) == value {
			return true
		}
	}
	return false
}
