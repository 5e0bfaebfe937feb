package claims

import (
	"slices"

	"example.com/identityd/internal/identity"
)

// For returns the standard claims that scopes reveal of a person (OpenID Connect Core 1.0, section
// 5.4). Claims without a value are left out.
func For(person identity.Identity, scopes []string) map[string]any {
	out := map[string]any{}
	if slices.Contains(scopes, "email") {
		addEmail(out, person)
	}
	if slices.Contains(scopes, "profile") {
		addProfile(out, person)
	}
	return out
}

func addEmail(out map[string]any, person identity.Identity) {
	email := text(person.Traits, "email")
	if email == "" {
		for _, address := range person.VerifiableAddresses {
			if address.Via == "email" {
				email = address.Value
				break
			}
		}
	}
	if email == "" {
		return
	}
	out["email"] = email
	out["email_verified"] = verified(person, email)
}

func addProfile(out map[string]any, person identity.Identity) {
	set := func(claim, value string) {
		if value != "" {
			out[claim] = value
		}
	}
	name, given, family := names(person.Traits)
	set("name", name)
	set("given_name", given)
	set("family_name", family)
	set("preferred_username", text(person.Traits, "username"))
	for _, claim := range []string{
		"picture", "website", "locale", "zoneinfo", "birthdate", "gender",
	} {
		set(claim, text(person.Traits, claim))
	}
	if !person.UpdatedAt.IsZero() {
		out["updated_at"] = person.UpdatedAt.Unix()
	}
}
