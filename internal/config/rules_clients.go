package config

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

var (
	clientID = regexp.MustCompile(`^[A-Za-z0-9._~-]{1,255}$`)
	// scopeWord is scope-token of RFC 6749, without the wildcard that Hydra would let match anything.
	scopeWord = regexp.MustCompile(`^[!#-)+-\[\]-~]{1,255}$`)
)

// Shortest secrets of a client: Hydra's own limit, and what cannot be guessed.
const (
	shortestClientSecret = 6
	soundClientSecret    = 16
)

func resolveClients(c *collector, cfg *Config) {
	for i := range cfg.Clients {
		client := &cfg.Clients[i]
		client.settle()
		secretInFile{
			path: fmt.Sprintf("clients[%d].secret", i), file: &client.SecretFile,
			inline: func() bool { return !client.Secret.Empty() },
			set:    func(s string) { client.Secret = NewSecret(s) },
			cure:   "; " + secretCure,
		}.resolve(c, cfg)
		if client.LogoFile == "" || c.onlyDatabase {
			continue
		}
		client.LogoFile = absolute(cfg.Dir, client.LogoFile)
		var msg string
		if client.Logo, msg = readImage(client.LogoFile); msg != "" {
			c.add(fmt.Sprintf("clients[%d].logo_file", i), "%s", msg)
		}
	}
}

func checkClients(c *collector, cfg *Config) {
	first := map[string]int{}
	for i := range cfg.Clients {
		client, path := &cfg.Clients[i], fmt.Sprintf("clients[%d]", i)
		if c.unread[path] {
			continue
		}
		if j, taken := first[client.ID]; taken && client.ID != "" {
			c.add(path+".id", "must be a name of its own (got %s, which clients[%d] has already)", quote(client.ID), j)
		} else {
			first[client.ID] = i
		}
		checkClient(c, path, client, cfg.Profile)
	}
}

func checkConsent(c *collector, consent Consent) {
	for _, name := range slices.Sorted(maps.Keys(consent.Scopes)) {
		switch text := consent.Scopes[name]; {
		case !scopeWord.MatchString(name):
			c.add("consent.scopes", "must be by scope, one word without a wildcard, quote or backslash (got %s)", quote(name))
		case strings.TrimSpace(text) == "" || len(text) > 200:
			c.add("consent.scopes."+name, "must say in at most 200 characters what the scope permits, such as See your orders")
		}
	}
}

func checkClient(c *collector, path string, client *Client, p Profile) {
	switch {
	case client.ID == "":
		c.add(path+".id", "must be set; write a short name such as id: my-app")
	case !clientID.MatchString(client.ID):
		c.add(path+".id", "must be letters, digits and . _ ~ -, at most 255 (got %s)", quote(client.ID))
	}
	checkClientKind(c, path, client)
	checkClientAuth(c, path, client, p)
	checkClientGrants(c, path, client)
	checkClientURIs(c, path, client)
	checkOrigins(c, path+".origins", client.Origins)
	for i, word := range client.Scope {
		if !scopeWord.MatchString(word) {
			c.add(fmt.Sprintf("%s.scope[%d]", path, i), "must be one word without a wildcard, quote or backslash (got %s)", quote(word))
		}
	}
	for i, word := range client.Audience {
		if strings.TrimSpace(word) == "" || strings.ContainsAny(word, "* ") {
			c.add(fmt.Sprintf("%s.audience[%d]", path, i), "must be one word without a wildcard (got %s)", quote(word))
		}
	}
}

func checkClientAuth(c *collector, path string, client *Client, p Profile) {
	secret := client.Secret.Reveal()
	broken := client.SecretFile != "" && secret == ""
	switch {
	case client.TokenEndpointAuthMethod == ClientAuthNone && (secret != "" || broken):
		c.add(path+".token_endpoint_auth_method", "must not be none for a client with a secret; remove one of the two")
		return
	case client.TokenEndpointAuthMethod != ClientAuthNone && secret == "" && !broken:
		c.add(path+".secret", "must be set for %s, here or in secret_file; or write token_endpoint_auth_method: none for a public client",
			client.TokenEndpointAuthMethod)
		return
	case secret == "":
		return
	}
	word := path + ".secret"
	if client.SecretFile != "" {
		word += "_file"
	}
	switch n := len(secret); {
	case n < shortestClientSecret:
		c.add(word, "must be at least %d characters (got %d); %s", soundClientSecret, n, secretCure)
	case n < soundClientSecret:
		complain(c, p, word, "must be at least %d characters in production (got %d); %s", soundClientSecret, n, secretCure)
	}
}

func checkClientGrants(c *collector, path string, client *Client) {
	grants := []string{
		"authorization_code", "refresh_token", "client_credentials", "implicit",
		"urn:ietf:params:oauth:grant-type:jwt-bearer",
	}
	oneOfList(c, path+".grant_types", client.GrantTypes, grants)
	answers := []string{
		"code", "id_token", "token", "code id_token", "code token", "id_token token", "code id_token token",
	}
	ordered := make([]string, len(client.ResponseTypes))
	for i, t := range client.ResponseTypes {
		words := strings.Fields(t)
		slices.Sort(words)
		ordered[i] = strings.Join(words, " ")
	}
	oneOfList(c, path+".response_types", ordered, answers)
	if client.TokenEndpointAuthMethod == ClientAuthNone && slices.Contains(client.GrantTypes, "client_credentials") {
		c.add(path+".grant_types", "must not hold client_credentials for a public client; give it a secret")
	}
	for i, t := range ordered {
		if client.has("implicit") || !strings.Contains(t, "token") {
			continue
		}
		c.add(fmt.Sprintf("%s.response_types[%d]", path, i), "needs the grant type implicit (got %s); code alone is safer", quote(t))
	}
}

func (c *Client) has(grant string) bool { return slices.Contains(c.GrantTypes, grant) }

func oneOfList(c *collector, path string, list, known []string) {
	for i, word := range list {
		if !slices.Contains(known, word) {
			c.add(fmt.Sprintf("%s[%d]", path, i), "must be %s (got %s); did you mean %s?",
				oneOf(known), quote(word), nearestOf(word, known))
		}
	}
}
