package config

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

var (
	declaredKey = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._~-]{0,127}$`)
	// hashForm is how hashes begin: PHC and crypt, or LDAP's.
	hashForm = regexp.MustCompile(`^(\$[a-z0-9-]+\$|\{[A-Za-z0-9-]+\})\S+$`)
)

// mostIdentities bounds a list that is compared at a start. More people are imported, not declared.
const mostIdentities = 1000

func resolveIdentities(c *collector, cfg *Config) {
	for i := range cfg.Identities {
		one, path := &cfg.Identities[i], fmt.Sprintf("identities[%d]", i)
		if one.State == "" {
			one.State = IdentityActive
		}
		if c.onlyDatabase {
			continue
		}
		for _, s := range []secretInFile{
			{path: path + ".password", file: &one.PasswordFile, set: func(s string) { one.Password = NewSecret(s) }},
			{path: path + ".password_hash", file: &one.PasswordHashFile, set: func(s string) { one.PasswordHash = NewSecret(s) }},
		} {
			s.inline = func() bool { return false }
			s.resolve(c, cfg)
		}
	}
}

func checkIdentities(c *collector, cfg *Config) {
	if n := len(cfg.Identities); n > mostIdentities {
		c.add("identities", "must be at most %d people (got %d); import more of them by the admin API", mostIdentities, n)
		return
	}
	if !declaredKey.MatchString(cfg.Declared.Owner) {
		c.add("declared.owner", "must be letters, digits and . _ ~ -, at most 128 (got %s)", quote(cfg.Declared.Owner))
	}
	first := map[string]int{}
	for i := range cfg.Identities {
		one, path := &cfg.Identities[i], fmt.Sprintf("identities[%d]", i)
		if c.unread[path] {
			continue
		}
		switch j, taken := first[one.Key]; {
		case one.Key == "":
			c.add(path+".key", "must be set; write a short name such as key: first-admin")
		case !declaredKey.MatchString(one.Key):
			c.add(path+".key", "must be letters, digits and . _ ~ -, at most 128 (got %s)", quote(one.Key))
		case taken:
			c.add(path+".key", "must be a name of its own (got %s, which identities[%d] has already)", quote(one.Key), j)
		default:
			first[one.Key] = i
		}
		checkIdentity(c, path, one, cfg)
	}
}

func checkIdentity(c *collector, path string, one *DeclaredIdentity, cfg *Config) {
	names := append(presetSchemas(), slices.Sorted(maps.Keys(cfg.Identity.Schemas))...)
	if one.Schema != "" && one.Schema != "default" && !slices.Contains(names, one.Schema) {
		c.add(path+".schema", "must be %s (got %s); did you mean %s?", oneOf(names), quote(one.Schema), nearestOf(one.Schema, names))
	}
	if len(one.Traits) == 0 {
		c.add(path+".traits", "must be set; write what the identity schema asks for, such as traits: {email: ada@example.com}")
	}
	for word, m := range map[string]Personal{"traits": one.Traits, "metadata_public": one.MetadataPublic, "metadata_admin": one.MetadataAdmin} {
		if at := unspoken(path+"."+word, map[string]any(m)); at != "" {
			c.add(at, "must be text, a number, true, false, a list or a map; put a date in quotes")
		}
	}
	if _, taken := one.MetadataAdmin["identityd"]; taken {
		c.add(path+".metadata_admin.identityd", "must not be set; identityd writes there whose the person is")
	}
	texts := leaves(map[string]any(one.Traits))
	for i, address := range one.VerifiedAddresses {
		if !slices.ContainsFunc(texts, func(t string) bool { return strings.EqualFold(t, address) }) {
			c.add(fmt.Sprintf("%s.verified_addresses[%d]", path, i), "must be among the traits; an address of somebody is one of their traits")
		}
	}
	switch password, hash := one.Password.Reveal(), one.PasswordHash.Reveal(); {
	case one.PasswordFile != "" && one.PasswordHashFile != "":
		c.add(path+".password_hash_file", "must not be set beside password_file; keep one of the two")
	case password != "" && utf8.RuneCountInString(password) < cfg.Login.First.Password.MinLength:
		c.add(path+".password_file", "must hold at least %d characters (got %d), as login.first.password.min_length asks of everybody",
			cfg.Login.First.Password.MinLength, utf8.RuneCountInString(password))
	case hash != "" && !hashForm.MatchString(hash):
		c.add(path+".password_hash_file", "must hold one hash such as $argon2id$... or $2b$...; write a password itself into password_file")
	}
}

// leaves are the texts in a map, however deep.
func leaves(v any) []string {
	var out []string
	switch x := v.(type) {
	case string:
		out = append(out, x)
	case []any:
		for _, one := range x {
			out = append(out, leaves(one)...)
		}
	case map[string]any:
		for _, one := range x {
			out = append(out, leaves(one)...)
		}
	}
	return out
}

// unspoken returns where a map holds what JSON has no word for, empty for nowhere.
func unspoken(path string, v any) string {
	switch x := v.(type) {
	case nil, string, bool, int, int64, uint64, float64:
		return ""
	case []any:
		for i, one := range x {
			if at := unspoken(fmt.Sprintf("%s[%d]", path, i), one); at != "" {
				return at
			}
		}
		return ""
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(x)) {
			if at := unspoken(path+"."+name, x[name]); at != "" {
				return at
			}
		}
		return ""
	}
	return path
}
