package translate

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	toml "github.com/pelletier/go-toml"
	"go.yaml.in/yaml/v3"
)

// The two engines.
const (
	hydra  = "hydra"
	kratos = "kratos"
)

// Source is one layer of the settings of an engine: a file, or an environment.
type Source struct {
	// Engine is hydra or kratos; empty: what its keys say.
	Engine string
	// Name is what the report calls it.
	Name string
	// Values are its keys, nested.
	Values map[string]any
	// Environ holds variables by name, in place of Values.
	Environ map[string]string
}

// Kind says what a file is, by what is in it.
type Kind string

// Kinds of files.
const (
	OfHydra         Kind = hydra
	OfKratos        Kind = kratos
	IdentitySchema  Kind = "identity schema"
	Compose         Kind = "compose"
	Undecided       Kind = ""
	mostOf               = 1 << 20
	depthOfSettings      = 24
)

// Parse reads a file as the engines do: YAML, JSON or TOML, by its name.
func Parse(name string, data []byte) (map[string]any, error) {
	if len(data) > mostOf {
		return nil, fmt.Errorf("reading %s: the file is larger than 1 MiB", name)
	}
	out := map[string]any{}
	if strings.HasSuffix(strings.ToLower(name), ".toml") {
		tree, err := toml.LoadBytes(data)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
		out = tree.ToMap()
	} else if err := yaml.Unmarshal(data, &out); err != nil { // JSON is YAML
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	clean, ok := plain(out, 0).(map[string]any)
	if !ok {
		return nil, fmt.Errorf("reading %s: nested too deeply", name)
	}
	return clean, nil
}

// plain makes maps by text and lists of anything out of what parsers return.
func plain(v any, depth int) any {
	if depth > depthOfSettings {
		return nil
	}
	switch x := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(x))
		for k, one := range x {
			out[k] = plain(one, depth+1)
		}
		return out
	case map[any]any:
		out := make(map[string]any, len(x))
		for k, one := range x {
			out[fmt.Sprint(k)] = plain(one, depth+1)
		}
		return out
	case []map[string]any:
		out := make([]any, 0, len(x))
		for _, one := range x {
			out = append(out, plain(one, depth+1))
		}
		return out
	case []any:
		out := make([]any, 0, len(x))
		for _, one := range x {
			out = append(out, plain(one, depth+1))
		}
		return out
	}
	return v
}

// KindOf tells whose file it is.
func KindOf(values map[string]any) Kind {
	has := func(names ...string) bool {
		return slices.ContainsFunc(names, func(n string) bool { _, ok := values[n]; return ok })
	}
	switch {
	case has("services"):
		return Compose
	case has("properties") && has("$schema", "$id", "type"):
		return IdentitySchema
	case has("selfservice", "identity", "courier", "hashers", "ciphers"):
		return OfKratos
	case has("oauth2", "strategies", "ttl", "webfinger", "oidc", "hsm", "urls"):
		return OfHydra
	}
	return Undecided
}

// flatten collects what is not a map under its dotted path. Maps that hold anything, such as headers, stay
// whole: the engine's keys are known up to there.
func (c catalog) flatten(out map[string]any, prefix string, m map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(m)) {
		path := prefix + name
		if inner, ok := m[name].(map[string]any); ok && len(inner) > 0 && !c.opaque(path) {
			c.flatten(out, path+".", inner)
			continue
		}
		out[path] = m[name]
	}
}
