package config

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// secretLength is what Kratos' cipher takes, and enough for everything else.
const secretLength = 32

const secretCure = "make one with: openssl rand -base64 24"

// secretKind is one of the three lists.
type secretKind struct {
	name string
	list *[]Secret
	file *string
}

func (s *Secrets) kinds() []secretKind {
	return []secretKind{
		{"system", &s.System, &s.SystemFile},
		{"cookie", &s.Cookie, &s.CookieFile},
		{"cipher", &s.Cipher, &s.CipherFile},
	}
}

// resolveSecrets reads the files that secrets are in. A list from two sources is refused: which one
// wins would decide what can still be opened.
func resolveSecrets(c *collector, cfg *Config) {
	s := &cfg.Secrets
	s.File = absolute(cfg.Dir, s.File)
	shared := map[string][]Secret{}
	if s.File != "" {
		shared = readSecretsFile(c, s.File)
	}
	for _, k := range s.kinds() {
		path := "secrets." + k.name
		*k.file = absolute(cfg.Dir, *k.file)
		var sources []string
		if len(*k.list) > 0 {
			sources = append(sources, path)
		}
		if *k.file != "" {
			sources = append(sources, path+"_file")
		}
		if len(shared[k.name]) > 0 {
			sources = append(sources, "secrets.file")
		}
		if len(sources) > 1 {
			c.add(path, "must come from one source (got %s); keep one of them", strings.Join(sources, " and "))
			continue
		}
		if *k.file != "" {
			*k.list = readSecretLines(c, path+"_file", *k.file)
			cfg.Origins[path] = path + "_file"
		} else if len(*k.list) == 0 && len(shared[k.name]) > 0 {
			*k.list = shared[k.name]
			cfg.Origins[path] = "secrets.file"
		}
	}
}

func readSecretLines(c *collector, path, file string) []Secret {
	text, ok := readSecretFile(c, path, file)
	if !ok {
		return nil
	}
	var out []Secret
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, NewSecret(line))
		}
	}
	if len(out) == 0 {
		c.add(path, "reading %s: the file is empty; %s", file, secretCure)
	}
	return out
}

func readSecretsFile(c *collector, file string) map[string][]Secret {
	const path = "secrets.file"
	text, ok := readSecretFile(c, path, file)
	if !ok {
		return nil
	}
	content, ok := parseYAML(c, path, file, []byte(text), yaml.MappingNode).(map[string]any)
	if !ok {
		return nil
	}
	names := []string{"system", "cookie", "cipher"}
	out := map[string][]Secret{}
	for name, v := range content {
		items, isList := v.([]any)
		switch {
		case !slices.Contains(names, name):
			c.add(path, "%s: unknown key %s; did you mean %s?", file, quote(name), nearestOf(name, names))
			continue
		case v != nil && !isList:
			c.add(path, "%s: %s must be a list (got %s); write [...]", file, name, kindOf(v))
		}
		for i, item := range items {
			s, isText := item.(string)
			if !isText {
				c.add(path, "%s: %s[%d] must be text (got %s); put it in quotes", file, name, i, kindOf(item))
			}
			out[name] = append(out[name], NewSecret(s))
		}
	}
	return out
}

func checkSecrets(c *collector, cfg *Config) {
	owner := map[string]string{}
	for _, k := range cfg.Secrets.kinds() {
		path := "secrets." + k.name
		if len(*k.list) == 0 && cfg.Profile == Production && !sourceBroken(c, path) {
			c.add(path, "must be set in production, here, in %s_file or in secrets.file; %s", path, secretCure)
		}
		for i, s := range *k.list {
			here := fmt.Sprintf("%s[%d]", path, i)
			profile := cfg.Profile
			if i > 0 {
				profile = Development // it seals nothing any more: what is weak about it is a warning
			}
			if i > 0 && k.name != "cipher" {
				checkOldSecret(c, here, s.Reveal())
			} else {
				checkSecret(c, here, s.Reveal(), profile)
			}
			if other, taken := owner[s.Reveal()]; taken && other != k.name {
				complain(c, profile, here, "must differ from those of secrets.%s; %s", other, secretCure)
			}
			if slices.ContainsFunc((*k.list)[:i], func(other Secret) bool { return other.Reveal() == s.Reveal() }) {
				c.add(here, "must not be in the list twice; a new one begins a rotation: %s", secretCure)
			}
			owner[s.Reveal()] = k.name
		}
	}
}

// sourceBroken reports whether a list is empty only because what holds it could not be read.
func sourceBroken(c *collector, path string) bool {
	return slices.ContainsFunc(c.problems, func(p Problem) bool {
		return p.Path == path || p.Path == path+"_file" || p.Path == "secrets.file" ||
			strings.HasPrefix(p.Path, path+"[")
	})
}

// checkOldSecret judges a secret that only opens what it sealed. One that comes from engines of their own may be
// as short as they take it, and the data is still there.
func checkOldSecret(c *collector, path, s string) {
	const engines = 16
	switch {
	case len(s) < engines:
		c.add(path, "must be at least %d bytes, as the engines ask (got %d); it can have sealed nothing, so remove it", engines, len(s))
	case len(s) != secretLength:
		c.warn(path, "has %d bytes, where %d are asked of one that seals; remove it once nothing needs it any more (identityd secrets status)", len(s), secretLength)
	default:
		checkSecret(c, path, s, Development)
	}
}

func checkSecret(c *collector, path, s string, p Profile) {
	if len(s) != secretLength {
		c.add(path, "must be exactly %d bytes (got %d); %s", secretLength, len(s), secretCure)
		return
	}
	lower := strings.ToLower(s)
	for _, word := range []string{"change", "default", "example", "secret", "insecure", "please"} {
		if strings.Contains(lower, word) {
			complain(c, p, path, "looks like a placeholder; %s", secretCure)
			return
		}
	}
	const fewest = 8
	seen := map[byte]bool{}
	for i := range len(s) {
		seen[s[i]] = true
	}
	if len(seen) < fewest {
		complain(c, p, path, "has fewer than %d different characters; %s", fewest, secretCure)
	}
}

// complain refuses in production what development only warns of.
func complain(c *collector, p Profile, path, format string, args ...any) {
	if p == Production {
		c.add(path, format, args...)
		return
	}
	c.warn(path, format, args...)
}
