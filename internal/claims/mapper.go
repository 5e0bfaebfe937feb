package claims

import (
	"log/slog"
	"maps"
	"slices"
	"sync"

	"example.com/identityd/internal/identity"
)

// Mapper says what scopes reveal of a person. It is safe for concurrent use. Its zero value reveals
// nothing; Compile makes a useful one.
type Mapper struct {
	// Log is told, once for each claim, that a value was left out for its size. Nil is told nothing.
	Log *slog.Logger

	scopes   map[string]map[string]rule
	warnings []Problem
	reported sync.Map // name of a claim -> struct{}
}

// For returns the claims of the ID token, which userinfo repeats, and those of access tokens. Neither
// is nil. Claims without a value are left out, and so are those that are not among only, unless that is
// nil: an application may be narrowed to some.
func (m *Mapper) For(person identity.Identity, scopes, only []string) (idToken, accessToken map[string]any) {
	rules := m.rules(scopes)
	if only != nil {
		maps.DeleteFunc(rules, func(claim string, _ rule) bool { return !slices.Contains(only, claim) })
	}
	out := newSized(m)
	for _, claim := range slices.Sorted(maps.Keys(rules)) {
		if r := rules[claim]; r.from != nil {
			out.add(claim, r.from(person))
		}
	}
	out.shrink()
	// Last, since it is asked of what is sent.
	for claim, r := range rules {
		if value, ok := out.values[r.verifies].(string); ok {
			out.values[claim] = verified(person, r.via, value)
		}
	}
	accessToken = map[string]any{}
	for claim, r := range rules {
		if value, ok := out.values[claim]; ok && r.access {
			accessToken[claim] = value
		}
	}
	return out.values, accessToken
}

// rules picks one rule for each claim of the scopes: what was configured wins over what is built in,
// and Compile saw to it that nothing was configured in two ways.
func (m *Mapper) rules(scopes []string) map[string]rule {
	picked := map[string]rule{}
	for _, scope := range scopes {
		for claim, r := range m.scopes[scope] {
			before, again := picked[claim]
			r.access = r.access || before.access
			if again && r.text == "" {
				before.access = r.access
				r = before
			}
			picked[claim] = r
		}
	}
	return picked
}

// Scopes returns the scopes that reveal something, sorted.
func (m *Mapper) Scopes() []string { return slices.Sorted(maps.Keys(m.scopes)) }

// ClaimNames returns every claim that some scope reveals, sorted.
func (m *Mapper) ClaimNames() []string {
	return m.names(func(rule) bool { return true })
}

// AccessTokenClaimNames returns every claim that some scope puts into access tokens, sorted. Hydra
// keeps them under ext in a JWT unless oauth2.allowed_top_level_claims names them.
func (m *Mapper) AccessTokenClaimNames() []string {
	return m.names(func(r rule) bool { return r.access })
}

// Warnings returns what is allowed but deserves a second look, sorted by path.
func (m *Mapper) Warnings() []Problem { return slices.Clone(m.warnings) }

func (m *Mapper) names(wanted func(rule) bool) []string {
	set := map[string]bool{}
	for _, claims := range m.scopes {
		for claim, r := range claims {
			if wanted(r) {
				set[claim] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(set))
}
