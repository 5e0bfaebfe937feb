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

// verified compares without case: Kratos stores addresses in lower case, but keeps the trait as it
// was typed (Kratos: schema extension "verification").
func verified(person identity.Identity, email string) bool {
	for _, address := range person.VerifiableAddresses {
		if address.Via == "email" && address.Verified &&
			strings.EqualFold(address.Value, email) {
			return true
		}
	}
	return false
}
