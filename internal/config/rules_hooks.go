package config

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

const (
	hookSecretCure = "make one by: echo whsec_$(openssl rand -base64 32)"
	leastHookKey   = 32
)

var hookName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/:-]{0,127}$`)

func resolveHooks(c *collector, cfg *Config) {
	for i := range cfg.Hooks {
		h := &cfg.Hooks[i]
		if h.Name == "" {
			if u, err := url.Parse(h.URL); err == nil {
				h.Name = strings.TrimRight(u.Host+u.Path, "/")
			}
		}
		if h.Timeout == 0 {
			h.Timeout = hookTimeout
		}
		if h.OnFailure == "" {
			h.OnFailure = HookRefuse
		}
		secretInFile{
			path: fmt.Sprintf("hooks[%d].secret", i), file: &h.SecretFile,
			inline: func() bool { return false },
			set:    func(s string) { h.secrets = NewSecret(s) },
			cure:   "; " + hookSecretCure,
		}.resolve(c, cfg)
	}
}

func checkHooks(c *collector, cfg *Config) {
	first := map[string]int{}
	for i := range cfg.Hooks {
		h, path := &cfg.Hooks[i], fmt.Sprintf("hooks[%d]", i)
		if c.unread[path] {
			continue
		}
		checkHookEvents(c, path+".on", h.On)
		switch msg := urlProblem(h.URL, cfg.Profile); {
		case h.URL == "":
			c.add(path+".url", "must be set; write the address that takes the calls, such as https://crm.example.com/hooks")
		case msg != "":
			c.add(path+".url", "%s", msg)
		}
		j, taken := first[h.Name]
		switch {
		case h.URL == "":
		case !hookName.MatchString(h.Name):
			c.add(path+".name", "must be letters, digits and . _ / : -, at most 128 (got %s)", quote(h.Name))
		case taken:
			c.add(path+".name", "must be a name of its own (got %s, which hooks[%d] has already); give both a name, or one of them both "+
				"lists of events", quote(h.Name), j)
		default:
			first[h.Name] = i
		}
		if h.Timeout < hookShortest || h.Timeout > hookLongest {
			c.add(path+".timeout", "must be from %s to %s (got %s), since people wait for it", hookShortest, hookLongest, h.Timeout)
		}
		for k, word := range h.Include {
			if word != hookTraits {
				c.add(fmt.Sprintf("%s.include[%d]", path, k), "must be traits (got %s); leave it out for ids alone", quote(word))
			}
		}
		if h.SecretFile == "" {
			c.add(path+".secret_file", "must be set, so that the receiver can tell our calls from others; name a file with a secret, and %s", hookSecretCure)
		}
		checkHookSecrets(c, path+".secret_file", h)
	}
}

func checkHookEvents(c *collector, path string, on []string) {
	if len(on) == 0 {
		c.add(path, "must be set; write an event such as registration.after")
	}
	for i, word := range on {
		switch {
		case !slices.Contains(hookEvents(), word):
			c.add(path, "%s is no event; did you mean %s?", quote(word), nearestOf(word, hookEvents()))
		case slices.Contains(on[:i], word):
			c.add(path, "%s is there twice; keep one of the two", quote(word))
		}
	}
}

// checkHookSecrets never prints one. internal/hooks reads them as this does.
func checkHookSecrets(c *collector, path string, h *Hook) {
	n := 0
	for line := range strings.Lines(h.secrets.Reveal()) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		n++
		length := len(line)
		if coded, ok := strings.CutPrefix(line, "whsec_"); ok {
			key, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(coded, "="))
			if err != nil {
				c.add(path, "secret %d in %s begins with whsec_, and goes on with what is no base64; %s", n, h.SecretFile, hookSecretCure)
				continue
			}
			length = len(key)
		}
		if length < leastHookKey {
			c.add(path, "secret %d in %s has %d bytes, and must have at least %d; %s", n, h.SecretFile, length, leastHookKey, hookSecretCure)
		}
	}
	if n == 0 && !h.secrets.Empty() {
		c.add(path, "%s holds no secret; %s", h.SecretFile, hookSecretCure)
	}
}
