package config

import (
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var providerID = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_-]{0,62}$`)

func resolveProviders(c *collector, cfg *Config) {
	cfg.Login.Second.settle()
	for i := range cfg.Login.Providers {
		p, path := &cfg.Login.Providers[i], fmt.Sprintf("login.providers[%d]", i)
		p.settle()
		secretInFile{
			path: path + ".client_secret", file: &p.ClientSecretFile,
			inline: func() bool { return !p.ClientSecret.Empty() },
			set:    func(s string) { p.ClientSecret = NewSecret(strings.TrimSpace(s)) },
			cure:   "; write the secret that the provider gave out into it",
		}.resolve(c, cfg)
		secretInFile{
			path: path + ".key", file: &p.KeyFile,
			inline: func() bool { return false },
			set:    func(s string) { p.key = NewSecret(s) },
			cure:   "; it is the .p8 file that Apple let you download once",
		}.resolve(c, cfg)
		if p.MapperFile == "" {
			continue
		}
		p.MapperFile = absolute(cfg.Dir, p.MapperFile)
		data, err := readFile(p.MapperFile)
		switch {
		case err != nil:
			c.add(path+".mapper_file", "reading %s: %v", p.MapperFile, err)
		case strings.TrimSpace(string(data)) == "":
			c.add(path+".mapper_file", "reading %s: the file is empty; write Jsonnet that returns {identity: {traits: {...}}}", p.MapperFile)
		}
	}
}

func checkProviders(c *collector, cfg *Config) {
	first := map[string]int{}
	for i := range cfg.Login.Providers {
		p, path := &cfg.Login.Providers[i], fmt.Sprintf("login.providers[%d]", i)
		if c.unread[path] {
			continue
		}
		j, taken := first[p.ID]
		switch {
		case p.ID == "":
			c.add(path+".id", "must be set; write a preset such as id: google, or a name of your own with preset: oidc")
		case !providerID.MatchString(p.ID):
			c.add(path+".id", "must be letters, digits, - and _, at most 63 (got %s)", quote(p.ID))
		case taken:
			c.add(path+".id", "must be a name of its own (got %s, which login.providers[%d] has already); give one of them another "+
				"id, and say preset: %s", quote(p.ID), j, orWord(p.Preset, PresetOIDC))
		default:
			first[p.ID] = i
		}
		checkProvider(c, path, p, cfg.Profile)
	}
}

func checkProvider(c *collector, path string, p *Provider, profile Profile) {
	presets := providerPresets()
	switch {
	case p.Preset == "" && p.ID != "":
		c.add(path+".preset", "must be set, since the id is none of %s (got id: %s); write preset: oidc for a service that speaks "+
			"OpenID Connect", strings.Join(presets, ", "), quote(p.ID))
		return
	case p.Preset != "" && !slices.Contains(presets, p.Preset):
		c.add(path+".preset", "must be %s (got %s); did you mean %s?", oneOf(presets), quote(p.Preset), nearestOf(p.Preset, presets))
		return
	case p.Preset == "":
		return
	}
	if p.ClientID == "" {
		c.add(path+".client_id", "must be set; it is the name of this service at the provider")
	}
	if p.Name == "" {
		c.add(path+".name", "must be set for preset: oidc; write what the button should say, such as name: Example")
	} else if len([]rune(p.Name)) > 64 {
		c.add(path+".name", "must be at most 64 characters (got %d)", len([]rune(p.Name)))
	}
	checkProviderSecret(c, path, p)
	checkProviderIssuer(c, path, p, profile)
	for i, word := range p.Scopes {
		if !scopeWord.MatchString(word) && !strings.Contains(word, "://") {
			c.add(fmt.Sprintf("%s.scopes[%d]", path, i), "must be one word without a quote or backslash (got %s)", quote(word))
		}
	}
	if from := []string{ClaimsFromUserinfo, ClaimsFromIDToken}; p.Preset != PresetOIDC {
		onlyFor(c, path+".claims_from", p.ClaimsFrom, p.Preset, PresetOIDC)
	} else if !slices.Contains(from, p.ClaimsFrom) {
		c.add(path+".claims_from", "must be %s (got %s)", oneOf(from), quote(p.ClaimsFrom))
	}
	onlyFor(c, path+".tenant", p.Tenant, p.Preset, PresetMicrosoft)
	onlyFor(c, path+".team_id", p.TeamID, p.Preset, PresetApple)
	onlyFor(c, path+".key_id", p.KeyID, p.Preset, PresetApple)
	onlyFor(c, path+".key_file", p.KeyFile, p.Preset, PresetApple)
	if p.Preset == PresetMicrosoft && p.Tenant == "" {
		c.add(path+".tenant", "must be set for microsoft; write common, organizations, consumers, or the id of your directory")
	}
}

func checkProviderSecret(c *collector, path string, p *Provider) {
	given := !p.ClientSecret.Empty() || p.ClientSecretFile != ""
	if p.Preset != PresetApple {
		if !given {
			c.add(path+".client_secret_file", "must be set; write the path of a file with the secret that the provider gave out")
		}
		return
	}
	if given {
		word := path + ".client_secret"
		if p.ClientSecretFile != "" {
			word += "_file"
		}
		c.add(word, "must not be set for apple, which takes team_id, key_id and key_file; remove it")
	}
	for _, one := range []struct{ word, value, cure string }{
		{"team_id", p.TeamID, "it is the ten characters beside your name at developer.apple.com"},
		{"key_id", p.KeyID, "it is in the name of the .p8 file"},
		{"key_file", p.KeyFile, "write the path of the .p8 file"},
	} {
		if one.value == "" {
			c.add(path+"."+one.word, "must be set for apple; %s", one.cure)
		}
	}
	if text := p.key.Reveal(); text != "" && !appleKey(text) {
		c.add(path+".key_file", "must hold an elliptic curve key in PKCS #8, PEM (got something else in %s); it is the .p8 file as "+
			"Apple gave it out", p.KeyFile)
	}
}

func appleKey(text string) bool {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return false
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	_, curve := key.(*ecdsa.PrivateKey)
	return err == nil && curve
}

func checkProviderIssuer(c *collector, path string, p *Provider, profile Profile) {
	path += ".issuer"
	switch {
	case p.Issuer != "" && p.Preset != PresetOIDC && p.Preset != PresetGitLab:
		c.add(path, "must not be set for %s (got %s); remove it, or write preset: oidc", p.Preset, quote(p.Issuer))
	case p.Issuer == "" && p.Preset == PresetOIDC:
		c.add(path, "must be set for oidc; write the address under which /.well-known/openid-configuration is found")
	case p.Issuer != "":
		if msg := urlProblem(p.Issuer, profile); msg != "" {
			c.add(path, "%s", msg)
		}
	}
}

func onlyFor(c *collector, path, value, preset, want string) {
	if value != "" && preset != want {
		c.add(path, "is a word of %s alone (got preset: %s); remove it", want, preset)
	}
}

func orWord(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}
