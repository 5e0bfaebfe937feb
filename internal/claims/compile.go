package claims

import (
	"maps"
	"slices"
	"strings"
)

// Compile reads the claims: block of stack.yaml, scope -> claim -> source, over what is built in. The
// mapper is nil when there are problems; they are sorted by path.
func Compile(block map[string]map[string]any) (*Mapper, []Problem) {
	c := &compiler{scopes: builtin(), sources: map[string]configured{}}
	for _, scope := range slices.Sorted(maps.Keys(block)) {
		c.scope(scope, block[scope])
	}
	if len(c.problems) > 0 {
		return nil, c.problems.sorted()
	}
	maps.DeleteFunc(c.scopes, func(_ string, claims map[string]rule) bool { return len(claims) == 0 })
	return &Mapper{scopes: c.scopes, warnings: c.warnings.sorted()}, nil
}

type compiler struct {
	scopes             map[string]map[string]rule
	sources            map[string]configured
	problems, warnings problems
}

// configured is where a claim was given its source.
type configured struct{ path, text string }

// entry is one claim as it is written.
type entry struct {
	scope, claim, path string
}

func (c *compiler) scope(scope string, block map[string]any) {
	path := below("claims", scope)
	if why := refusedScope(scope); why != "" {
		c.problems.add(path, "%s", why)
		return
	}
	if c.scopes[scope] == nil {
		c.scopes[scope] = map[string]rule{}
	}
	for _, claim := range slices.Sorted(maps.Keys(block)) {
		e := entry{scope: scope, claim: claim, path: below(path, claim)}
		if why := refusedClaim(claim); why != "" {
			c.problems.add(e.path, "%s", why)
			continue
		}
		c.claim(e, block[claim])
	}
}

func (c *compiler) claim(e entry, value any) {
	switch value := value.(type) {
	case nil:
		c.remove(e)
	case string:
		if strings.TrimSpace(value) == "" {
			c.remove(e)
			return
		}
		c.set(e, e.path, value, false)
	case map[string]any:
		c.detailed(e, value)
	default:
		c.problems.add(e.path, "must be a source such as traits.%s, or { from: traits.%s, access_token: true }", e.claim, e.claim)
	}
}

// detailed reads { from: ..., access_token: ... }. Without from the built-in source stays.
func (c *compiler) detailed(e entry, block map[string]any) {
	access := false
	for _, key := range slices.Sorted(maps.Keys(block)) {
		switch path := below(e.path, key); key {
		case "from":
		case "access_token":
			var sound bool
			if access, sound = block[key].(bool); !sound {
				c.problems.add(path, "must be true or false")
			}
		default:
			known := []string{"from", "access_token"}
			c.problems.add(path, "is not known; a claim has from and access_token (did you mean %s?)", nearest(key, known))
		}
	}
	from, given := block["from"]
	text, isText := from.(string)
	switch {
	case isText && strings.TrimSpace(text) != "":
		c.set(e, e.path+".from", text, access)
	case given:
		c.problems.add(e.path+".from", "must be a source such as traits.%s; "+
			`to reveal nothing, write "" in place of the braces`, e.claim)
	default:
		c.keep(e, access)
	}
}

func (c *compiler) keep(e entry, access bool) {
	r, ok := c.scopes[e.scope][e.claim]
	if !ok {
		c.problems.add(e.path, "has no from, and scope %s has no such claim built in; say where its value is, such as from: traits.%s",
			e.scope, e.claim)
		return
	}
	r.access = access
	c.scopes[e.scope][e.claim] = r
}

func (c *compiler) remove(e entry) {
	if _, ok := c.scopes[e.scope][e.claim]; ok {
		delete(c.scopes[e.scope], e.claim)
		return
	}
	known := slices.Sorted(maps.Keys(builtin()[e.scope]))
	if len(known) == 0 {
		c.problems.add(e.path, "is empty, which removes a built-in claim, but scope %s has none; give it a source such as traits.%s",
			e.scope, e.claim)
		return
	}
	c.problems.add(e.path, "is empty, which removes a built-in claim, but scope %s has no such one (did you mean %s?)",
		e.scope, nearest(e.claim, known))
}

func (c *compiler) set(e entry, path, text string, access bool) {
	text = strings.TrimSpace(text)
	from, err := parseSource(text)
	if err != nil {
		c.problems.add(path, "%s", err)
		return
	}
	// One claim with two sources would change with the set of scopes an application happens to ask for.
	if first, ok := c.sources[e.claim]; ok && first.text != text {
		c.problems.add(path, "%s comes from %s, but %s says %s; use one source for both, or another name",
			e.claim, quote(text), first.path, quote(first.text))
		return
	}
	c.sources[e.claim] = configured{path: path, text: text}
	if trusted(e.claim) && strings.HasPrefix(text, "traits.") {
		c.warnings.add(path, "people can edit their own traits, and applications grant rights by %s; "+
			"metadata_admin is safer", e.claim)
	}
	c.scopes[e.scope][e.claim] = rule{from: from, text: text, access: access}
}
