package translate

import (
	_ "embed"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// The keys of the engines as this version links them, with the types of their values: written by
// TestEveryKeyOfTheEnginesHasARule -update from the engines' own schemas. [] is an item of a list, * any name.
var (
	//go:embed known_hydra.txt
	knownHydra string
	//go:embed known_kratos.txt
	knownKratos string
)

// catalog is what is known of the keys of an engine.
type catalog struct {
	engine string
	types  map[string]string // by path
	paths  []string          // sorted
}

func catalogOf(engine string) catalog {
	raw := knownHydra
	if engine == kratos {
		raw = knownKratos
	}
	c := catalog{engine: engine, types: map[string]string{}}
	for line := range strings.Lines(raw) {
		path, types, _ := strings.Cut(strings.TrimSpace(line), " ")
		if path != "" {
			c.types[path] = types
			c.paths = append(c.paths, path)
		}
	}
	return c
}

// has reports whether a path is known, by its letters or by a pattern.
func (c catalog) has(path string) bool {
	return c.types[path] != "" || slices.ContainsFunc(c.paths, func(k string) bool { return matches(k, path) })
}

// covers reports whether a path inside of a list is known, or is in a map of anything.
func (c catalog) covers(path string) bool {
	return c.has(path) || slices.ContainsFunc(c.paths, func(k string) bool {
		return strings.HasSuffix(k, ".*") && matches(strings.TrimSuffix(k, ".*")+".**", path) ||
			strings.Contains(c.types[k], "object") && matches(k+".**", path)
	})
}

// listed reports whether a key holds a list.
func (c catalog) listed(path string) bool { return strings.Contains(c.types[path], "array") }

// boolean reports whether a key holds true or false.
func (c catalog) boolean(path string) bool { return strings.Contains(c.types[path], "boolean") }

// opaque reports whether a map at path is a value: its names are anybody's.
func (c catalog) opaque(path string) bool {
	below := false
	for _, known := range c.paths {
		rest, ok := strings.CutPrefix(known, path+".")
		if ok && (rest == "*" || strings.HasPrefix(rest, "*.")) {
			return true
		}
		below = below || ok
	}
	return !below && strings.Contains(c.types[path], "object")
}

// variables maps the names of variables to the keys that they stand for.
func (c catalog) variables() map[string]string {
	out := map[string]string{}
	for _, path := range c.paths {
		if !strings.ContainsAny(path, "*[") {
			out[variable(path)] = path
		}
	}
	for old := range renames(c.engine) {
		if !strings.ContainsAny(old, "*[") {
			out[variable(old)] = old
		}
	}
	return out
}

// inside lists the paths in a value: those of maps in lists, of which flatten knows nothing.
func inside(prefix string, v any) []string {
	switch x := v.(type) {
	case []any:
		var out []string
		for _, one := range x {
			if m, ok := one.(map[string]any); ok {
				out = append(out, inside(prefix+"[]", m)...)
			}
		}
		return out
	case map[string]any:
		var out []string
		for name, one := range x {
			if deeper := inside(prefix+"."+name, one); len(deeper) > 0 {
				out = append(out, deeper...)
				continue
			}
			out = append(out, prefix+"."+name)
		}
		slices.Sort(out)
		return out
	}
	return nil
}

// matches compares a path with a pattern in which * is any one name, and ** at its end any rest.
func matches(pattern, path string) bool {
	p, k := strings.Split(pattern, "."), strings.Split(path, ".")
	for i, part := range p {
		switch {
		case part == "**":
			return true
		case i >= len(k), part != "*" && !strings.EqualFold(part, k[i]):
			return false
		}
	}
	return len(p) == len(k)
}

// nearest returns the known path that takes the fewest edits to reach. A name in the right section is likelier
// meant than one as near elsewhere.
func nearest(path string, known []string) string {
	const longest = 120
	path = strings.ToLower(path[:min(len(path), longest)])
	best, least := "", -1
	for _, k := range known {
		if apart := len(path) - len(k); least >= 0 && 2*max(apart, -apart) > least {
			continue // at least so many letters differ
		}
		n := 2 * levenshtein.ComputeDistance(path, k)
		if section(path) != section(k) {
			n++
		}
		if least < 0 || n < least {
			best, least = k, n
		}
	}
	return best
}

func section(path string) string { return path[:max(strings.LastIndexByte(path, '.'), 0)] }
