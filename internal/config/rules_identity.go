package config

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// presetSchemas are the identity schemas that come with the program.
func presetSchemas() []string { return []string{"email", "username", "email@1", "username@1"} }

var schemaName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)

// resolveSchemas makes file:// addresses absolute and sees to it that each holds a schema that can do no harm.
func resolveSchemas(c *collector, cfg *Config) {
	id := &cfg.Identity
	for _, name := range slices.Sorted(maps.Keys(id.Schemas)) {
		path := "identity.schemas." + name
		switch {
		case slices.Contains(presetSchemas(), name), name == "default":
			// "default" is what a file given by identity.schema itself is called inside Kratos.
			c.add(path, "must have a name of its own; %s is taken", name)
		case !schemaName.MatchString(name):
			c.add(path, "must have a name of lower case letters, digits, - and _ (got %s)", quote(name))
		}
		id.Schemas[name] = schemaFile(c, path, cfg.Dir, id.Schemas[name])
	}
	_, named := id.Schemas[id.Schema]
	switch {
	case named, slices.Contains(presetSchemas(), id.Schema):
	case strings.Contains(id.Schema, "://"):
		id.Schema = schemaFile(c, "identity.schema", cfg.Dir, id.Schema)
	default:
		names := append(presetSchemas(), slices.Collect(maps.Keys(id.Schemas))...)
		slices.Sort(names)
		names = slices.Compact(names)
		c.add("identity.schema", "must be %s or file://... (got %s); did you mean %s?",
			strings.Join(names, ", "), quote(id.Schema), nearestOf(id.Schema, names))
	}
}

func schemaFile(c *collector, path, dir, address string) string {
	file, ok := strings.CutPrefix(address, "file://")
	if !ok || file == "" {
		c.add(path, "must be file:// and a path (got %s); write file://identity.schema.json", quote(address))
		return address
	}
	file = absolute(dir, file)
	data, err := readFile(file)
	if err != nil {
		c.add(path, "reading %s: %v", file, err)
		return address
	}
	if msg := schemaProblem(data); msg != "" {
		c.add(path, "reading %s: %s", file, msg)
	}
	return "file://" + file
}

// checkRegistration warns of accounts that could be made and never be used.
func checkRegistration(c *collector, cfg *Config) {
	name, _, _ := strings.Cut(cfg.Identity.Schema, "@")
	if name == "username" && cfg.Identity.Verification == VerificationRequired {
		c.warn("identity.verification", "an account without an email address has nothing to verify and cannot sign in; %s",
			"set identity.verification: optional, or a schema that requires one")
	}
}
