package doctor

import (
	"testing"

	"example.com/identityd/internal/config"
)

func TestStoredClients(t *testing.T) {
	for name, tt := range map[string]struct {
		id, uris string
		change   func(*Subject)
		l        Level
		text     string
	}{
		"an address of ours":                    {"shop", `["https://shop.example.com/cb"]`, nil, OK, "addresses of theirs"},
		"an address of others is told":          {"shop", `["https://shop.example.net/cb"]`, nil, OK, "of other domains than ours: example.net"},
		"a wildcard":                            {"shop", `["https://*.example.com/cb"]`, nil, Fault, "client shop: the redirect URI https://*.example.com/cb holds a wildcard"},
		"plain HTTP":                            {"shop", `["http://shop.example.com/cb"]`, nil, Fault, "is not encrypted"},
		"a fragment":                            {"shop", `["https://shop.example.com/cb#x"]`, nil, Fault, "has a fragment"},
		"a script":                              {"public", `["javascript:alert(1)"]`, nil, Fault, "is run by the browser"},
		"somebody's machine, with a secret":     {"shop", `["http://localhost:8080/cb"]`, nil, Warning, "is the machine of whoever signs in"},
		"somebody's machine, a program":         {"public-cli", `["http://127.0.0.1/cb"]`, nil, OK, "addresses of theirs"},
		"a scheme of its own":                   {"public-app", `["com.example.app:/cb"]`, nil, OK, "addresses of theirs"},
		"a scheme of its own, with a secret":    {"app", `["com.example.app:/cb"]`, nil, Warning, "where its secret is none"},
		"a scheme of its own, and no PKCE":      {"public-app", `["com.example.app:/cb"]`, withoutPKCE, Fault, "PKCE is not enforced"},
		"no address at all":                     {"machine", `[]`, nil, OK, "addresses of theirs"},
		"a client without any":                  {"machine", `null`, nil, OK, "addresses of theirs"},
		"half an address":                       {"shop", `["shop.example.com/cb"]`, nil, Fault, "is no whole address"},
		"one that the file has is judged there": {"ours", `["https://*.example.com/cb"]`, func(s *Subject) { s.Config.Clients = []config.Client{{ID: "ours"}} }, OK, "addresses of theirs"},
	} {
		t.Run(name, func(t *testing.T) {
			s := inProduction(t, good)
			kept(t, s, "ours", map[string]string{tt.id: tt.uris})
			if tt.change != nil {
				tt.change(s)
			}
			// Of Kratos' database there is none: the clients are in Hydra's.
			c := storedRedirects()
			c.Needs = 0
			wants(t, look(t, s, c), tt.l, tt.text)
		})
	}
}

func withoutPKCE(s *Subject) {
	s.Config.Hydra = config.Settings{"oauth2": map[string]any{"pkce": map[string]any{"enforced_for_public_clients": false}}}
}

func TestClientsOfTheFile(t *testing.T) {
	s := inProduction(t, good)
	s.Config.Clients = []config.Client{{ID: "shop", RedirectURIs: []string{"https://shop.example.com/cb", "http://localhost/cb"}}}
	wants(t, look(t, s, fileRedirects()), Warning, "clients[0].redirect_uris: client shop: the redirect URI http://localhost/cb")
	bad := inProduction(t, good+"clients: [{id: shop, redirect_uris: ['https://*.example.com/cb']}]\n")
	wants(t, look(t, bad, configuration()), Fault, "clients[0].redirect_uris[0]: must not hold a wildcard")
	wants(t, look(t, bad, fileRedirects()), Skipped, "is wrong")
}
