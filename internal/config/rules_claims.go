package config

import (
	"fmt"
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

// checkClientClaims judges what clients are narrowed to, by the claims that some scope reveals.
func checkClientClaims(c *collector, cfg Config, known func(map[string]map[string]any) []string) {
	var names []string
	if known != nil {
		names = known(cfg.Claims)
	}
	for i, client := range cfg.Clients {
		path := fmt.Sprintf("clients[%d].claims", i)
		switch {
		case client.Claims == nil:
			continue
		case len(client.Claims) == 0:
			c.add(path, "must name the claims that the client may get; leave it out for all, and scopes out for none")
		}
		for j, name := range client.Claims {
			if len(names) > 0 && !slices.Contains(names, name) {
				c.add(fmt.Sprintf("%s[%d]", path, j), "must be a claim that some scope reveals (got %s); did you mean %s?",
					quote(name), nearestOf(name, names))
			}
		}
	}
}
