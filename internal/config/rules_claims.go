package config

import (
	"maps"
	"slices"
)

// checkClaims judges the shape of claims and hands a good one to check, which knows the sources.
func checkClaims(c *collector, claims map[string]map[string]any, check func(map[string]map[string]any) []Problem) {
	before := len(c.problems)
	for _, scope := range slices.Sorted(maps.Keys(claims)) {
		for _, claim := range slices.Sorted(maps.Keys(claims[scope])) {
			switch v := claims[scope][claim].(type) {
			case nil, string, map[string]any:
			default:
				c.add("claims."+scope+"."+claim, "must be a source such as traits.%s, or a map with from (got %s)", claim, kindOf(v))
			}
		}
	}
	if check == nil || len(c.problems) > before {
		return
	}
	for _, p := range check(claims) {
		c.add(p.Path, "%s", p.Message)
	}
}
