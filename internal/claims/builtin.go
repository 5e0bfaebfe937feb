package claims

import "example.com/identityd/internal/identity"

// rule is how one claim of one scope gets its value: from a source, or by saying whether another
// claim is a verified address.
type rule struct {
	from source
	// verifies is the claim whose address is reached via. It is asked of the claim as it is sent,
	// never of a trait: applications take accounts over by an email that claims to be verified.
	verifies, via string
	// access puts the claim into access tokens as well.
	access bool
	// text is the source as it was configured, empty for what is built in.
	text string
}

// builtin returns what the scopes of OpenID Connect (Core 1.0, section 5.4), groups and roles reveal
// before anything is configured.
func builtin() map[string]map[string]rule {
	profile := map[string]rule{
		"name":               {from: part(func(name, _, _ string) string { return name })},
		"given_name":         {from: part(func(_, given, _ string) string { return given })},
		"family_name":        {from: part(func(_, _, family string) string { return family })},
		"preferred_username": {from: trait("username")},
		"updated_at":         {from: fields()["updated_at"]},
	}
	for _, claim := range []string{
		"middle_name", "nickname", "profile", "picture", "website", "gender", "birthdate", "zoneinfo", "locale",
	} {
		profile[claim] = rule{from: trait(claim)}
	}
	return map[string]map[string]rule{
		"profile": profile,
		"email": {
			"email":          {from: trait("email").or(reached("email"))},
			"email_verified": {verifies: "email", via: "email"},
		},
		"phone": {
			"phone_number":          {from: trait("phone_number", "phone").or(reached("sms"))},
			"phone_number_verified": {verifies: "phone_number", via: "sms"},
		},
		"address": {"address": {from: func(p identity.Identity) any { return postal(p.Traits) }}},
		"groups":  {"groups": {from: metadata("groups")}},
		"roles":   {"roles": {from: metadata("roles")}},
	}
}

func trait(keys ...string) source {
	return func(p identity.Identity) any { return notEmpty(firstOf(p.Traits, keys...)) }
}

func reached(via string) source {
	return func(p identity.Identity) any { return notEmpty(address(p, via)) }
}

func part(pick func(name, given, family string) string) source {
	return func(p identity.Identity) any { return notEmpty(pick(names(p.Traits))) }
}

// metadata never looks into traits, which people write themselves.
func metadata(key string) source {
	admin := source(func(p identity.Identity) any { return p.MetadataAdmin[key] })
	return admin.or(func(p identity.Identity) any { return p.MetadataPublic[key] })
}

func (s source) or(next source) source {
	return func(p identity.Identity) any {
		if value := s(p); value != nil {
			return value
		}
		return next(p)
	}
}
