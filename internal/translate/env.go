package translate

import (
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ParseEnv reads a file of variables: NAME=value a line, as docker and systemd have it.
func ParseEnv(data []byte) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimPrefix(strings.TrimSpace(line), "export ")
		name, value, ok := strings.Cut(line, "=")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		value = strings.TrimSpace(value)
		if n := len(value); n >= 2 && (value[0] == '"' || value[0] == '\'') && value[n-1] == value[0] {
			value = value[1 : n-1]
		}
		out[strings.TrimSpace(name)] = value
	}
	return out
}

// ComposeServices finds the engines among the services of a compose file, by image or name, and returns
// what their environment and their arguments set. A service that only migrates says where the database is.
func ComposeServices(name string, values map[string]any) []Source {
	services, _ := values["services"].(map[string]any)
	var out []Source
	for _, service := range slices.Sorted(maps.Keys(services)) {
		body, _ := services[service].(map[string]any)
		engine := engineOf(service, body)
		if engine == "" {
			continue
		}
		s := Source{Engine: engine, Name: name + " (" + service + ")", Environ: environmentOf(body["environment"])}
		if strings.Contains(commandOf(body), "--dev") {
			s.Environ["DEV"] = "true"
		}
		if strings.Contains(service, "migrate") || strings.Contains(commandOf(body), "migrate") {
			s.Environ = only(s.Environ, "DSN")
		}
		if len(s.Environ) > 0 {
			out = append(out, s)
		}
	}
	return out
}

func only(m map[string]string, name string) map[string]string {
	if v, ok := m[name]; ok {
		return map[string]string{name: v}
	}
	return nil
}

// engineOf: the pages of the quick starts have the name of an engine in theirs.
func engineOf(service string, body map[string]any) string {
	image, _ := body["image"].(string)
	for _, engine := range []string{hydra, kratos} {
		other := strings.Contains(image, "-ui") || strings.Contains(image, "-consent") || strings.Contains(service, "-ui")
		if !other && (strings.Contains(image, "/"+engine) || image == "" && strings.HasPrefix(service, engine)) {
			return engine
		}
	}
	return ""
}

func commandOf(body map[string]any) string {
	switch c := body["command"].(type) {
	case string:
		return c
	case []any:
		var words []string
		for _, one := range c {
			words = append(words, text(one))
		}
		return strings.Join(words, " ")
	}
	return ""
}

func environmentOf(v any) map[string]string {
	out := map[string]string{}
	switch env := v.(type) {
	case map[string]any:
		for name, one := range env {
			out[name] = text(one)
		}
	case []any:
		for _, one := range env {
			if name, value, ok := strings.Cut(text(one), "="); ok {
				out[name] = value
			}
		}
	}
	return out
}

// fromEnvironment finds the key that each variable stands for: SERVE_PUBLIC_PORT is serve.public.port. What is
// no key of the engine is the machine's and returned by name.
func (c catalog) fromEnvironment(environ map[string]string) (values map[string]any, other []string) {
	names := c.variables()
	values = map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(environ)) {
		path, ok := names[name]
		if !ok {
			other = append(other, name)
			continue
		}
		values[path] = c.typed(path, environ[name])
	}
	return values, other
}

func variable(path string) string {
	return strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(path))
}

// mistyped reports whether a variable begins as a key of the engine does, and names the nearest.
func (c catalog) mistyped(name string) (near string, ok bool) {
	var names []string
	for v, path := range c.variables() {
		names = append(names, strings.ToLower(v))
		first, _, deeper := strings.Cut(path, ".")
		ok = ok || deeper && strings.HasPrefix(name, variable(first)+"_")
	}
	slices.Sort(names)
	return strings.ToUpper(nearest(name, names)), ok
}

// typed reads the text of a variable as what the key holds. Lists are JSON, or words by comma.
func (c catalog) typed(path, raw string) any {
	if c.listed(path) {
		var list []any
		if strings.HasPrefix(strings.TrimSpace(raw), "[") && yaml.Unmarshal([]byte(raw), &list) == nil {
			return plain(list, 0)
		}
		for one := range strings.SplitSeq(raw, ",") {
			list = append(list, strings.TrimSpace(one))
		}
		return list
	}
	switch raw {
	case "true", "false":
		return raw == "true"
	case "1":
		if c.boolean(path) {
			return true
		}
	}
	return raw
}
