package config

import (
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

const envPrefix = "IDENTITYD_"

// envName returns the variable that sets a path.
func envName(path string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(path, ".", "_"))
}

// overrides returns the layers above the file, lowest first: whole sections, lists and maps from
// files that the environment names, single keys from the environment, flags.
func overrides(c *collector, words []key, dir string, opts Options) []layer {
	byName := make(map[string]key, len(words))
	for _, k := range words {
		byName[envName(k.path)] = k
	}
	var layers []layer
	single := map[string]any{}
	for _, pair := range slices.Sorted(slices.Values(opts.Environ)) {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || !strings.HasPrefix(name, envPrefix) || ignored(name, value) {
			continue
		}
		k, known := byName[name]
		whole, isFile := wholeInFile(byName, name)
		switch {
		case !known && !isFile:
			c.add(name, "unknown variable; did you mean %s?", nearestVariable(name, words))
		case value == "":
			// Compose files and charts pass a variable that is not set as an empty one.
		case known && (k.shape == scalar || plainList(k)):
			c.from[k.path] = name
			put(single, k.path, fromText(k, value))
		case known:
			c.add(k.path, "must be in a YAML file of its own, named by %s_FILE [set by %s]", name, name)
		default:
			layers = append(layers, layer{name, sectionFile(c, words, whole, name, absolute(dir, value))})
		}
	}
	return append(layers, layer{values: single}, layer{values: fromFlags(c, words, opts.Set)})
}

// wholeInFile finds the section, list or map whose content the variable's file holds.
func wholeInFile(byName map[string]key, name string) (key, bool) {
	base, ok := strings.CutSuffix(name, "_FILE")
	k, known := byName[base]
	return k, ok && known && k.shape != scalar
}

func plainList(k key) bool { return k.shape == list && shapeOf(k.typ.Elem()) == scalar }

func fromFlags(c *collector, words []key, set map[string]string) map[string]any {
	out := map[string]any{}
	for _, path := range slices.Sorted(maps.Keys(set)) {
		i := slices.IndexFunc(words, func(k key) bool { return k.path == path })
		if i < 0 || words[i].shape != scalar && !plainList(words[i]) {
			c.add(path, "cannot be set by a flag; did you mean %s?", nearestOf(path, scalarPaths(words)))
			continue
		}
		c.from[path] = "flag"
		put(out, path, fromText(words[i], set[path]))
	}
	return out
}

// fromText gives text the type YAML would have given it; what does not fit stays text and is
// reported where every value is.
func fromText(k key, s string) any {
	switch {
	case k.shape == list:
		var items []any
		for item := range strings.SplitSeq(s, ",") {
			if item = strings.TrimSpace(item); item != "" {
				items = append(items, item)
			}
		}
		return items
	case k.typ.String() == "time.Duration" && s == "0":
		return 0
	case k.typ.Kind() == reflect.Bool:
		if b, err := strconv.ParseBool(s); err == nil {
			return b
		}
	case k.typ.Kind() == reflect.Int:
		if n, err := strconv.Atoi(s); err == nil {
			return n
		}
	case k.typ.Kind() == reflect.Float64:
		if f, err := strconv.ParseFloat(s, 64); err == nil {
			return f
		}
	}
	return s
}

// sectionFile reads the file a variable names and returns it as a layer.
func sectionFile(c *collector, words []key, k key, name, path string) map[string]any {
	c.files = append(c.files, path)
	data, err := readFile(path)
	if err != nil {
		c.add(k.path, "reading %s: %v [set by %s]", path, err, name)
		return nil
	}
	want := yaml.MappingNode
	if k.shape == list {
		want = yaml.SequenceNode
	}
	layer := map[string]any{}
	if content := parseYAML(c, k.path, path, data, want); content != nil {
		put(layer, k.path, content)
	}
	checkKeys(c, words, layer)
	warnInline(c, path, layer)
	return layer
}

// put sets a dotted path in nested maps.
func put(m map[string]any, path string, v any) {
	name, rest, deeper := strings.Cut(path, ".")
	if !deeper {
		m[name] = v
		return
	}
	inner, ok := m[name].(map[string]any)
	if !ok {
		inner = map[string]any{}
		m[name] = inner
	}
	put(inner, rest, v)
}

func scalarPaths(words []key) []string {
	var out []string
	for _, k := range words {
		if k.shape == scalar || plainList(k) {
			out = append(out, k.path)
		}
	}
	return out
}

func nearestVariable(name string, words []key) string {
	paths := scalarPaths(words)
	best := nearestOf(strings.ReplaceAll(strings.TrimPrefix(name, envPrefix), "_", "."), dotted(paths))
	return envName(best)
}

// dotted spells paths the way a variable's name can be told apart from: every underscore a dot.
func dotted(paths []string) []string {
	out := make([]string, len(paths))
	for i, p := range paths {
		out[i] = strings.ReplaceAll(p, "_", ".")
	}
	return out
}

// ignored reports whether a variable is not meant for the configuration: the command line's own,
// the tests', or one of those Kubernetes puts into every container for a service whose name begins
// with identityd.
func ignored(name, value string) bool {
	rest := strings.TrimPrefix(name, envPrefix)
	switch {
	case rest == "CONFIG", rest == "TOKEN_FILE", strings.HasPrefix(rest, "TEST_"), serviceLink.MatchString(rest):
		return true
	}
	// For a service identityd-admin there is IDENTITYD_ADMIN_PORT, which could be a misspelled key.
	return strings.HasSuffix(rest, "_PORT") && strings.Contains(value, "://")
}

var serviceLink = regexp.MustCompile(
	`^(PORT|([A-Z0-9_]+_)?(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_\d+_(TCP|UDP|SCTP)(_(ADDR|PORT|PROTO))?))$`)
