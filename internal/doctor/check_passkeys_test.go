package doctor

import (
	"testing"

	"example.com/identityd/internal/config"
)

func TestPasskeys(t *testing.T) {
	block := func(id string, origins ...any) config.Settings {
		rp := map[string]any{"id": id}
		if len(origins) > 0 {
			rp["origins"] = origins
		}
		return config.Settings{"selfservice": map[string]any{"methods": map[string]any{"passkey": map[string]any{"config": map[string]any{"rp": rp}}}}}
	}
	for name, tt := range map[string]struct {
		address string
		block   config.Settings
		l       Level
		text    string
	}{
		"the host of the pages":                {"https://id.example.com", nil, OK, "passkey: keys are bound to id.example.com"},
		"a registrable parent":                 {"https://id.example.com", block("example.com", "https://id.example.com"), OK, "bound to example.com"},
		"another domain":                       {"https://id.example.com", block("example.net"), Fault, "kratos.selfservice.methods.passkey.config.rp.id: keys are bound to example.net, and the pages are at id.example.com"},
		"a name that only looks like a parent": {"https://id.example.com", block("ample.com"), Fault, "bound to ample.com"},
		"a public suffix":                      {"https://id.example.co.uk", block("co.uk"), Fault, "under which anybody can have a name"},
		"a list without the pages":             {"https://id.example.com", block("example.com", "https://www.example.com"), Fault, "does not hold https://id.example.com"},
		"a list with a stranger":               {"https://id.example.com", block("example.com", "https://id.example.com", "https://other.example.net"), Warning, "https://other.example.net is not under example.com"},
		"an IP address":                        {"https://192.0.2.1", nil, Fault, "at an IP address"},
		"pages that are not encrypted":         {"http://id.example.com", nil, Fault, "not encrypted"},
		"this machine":                         {"http://localhost:3000", nil, OK, "bound to localhost"},
	} {
		t.Run(name, func(t *testing.T) {
			s := running(written(t, "profile: development\n"), tt.address)
			s.Config.Kratos = tt.block
			wants(t, look(t, s, passkeyDomain()), tt.l, tt.text)
		})
	}
	t.Run("no keys at all", func(t *testing.T) {
		s := inProduction(t, good+"login: {first: {passkey: {enabled: false}}, second: {security_key: {enabled: false}}}\n")
		wants(t, look(t, s, passkeyDomain()), OK, "nothing binds a key")
	})
	t.Run("a domain off the origin is a fault of the file already", func(t *testing.T) {
		s := inProduction(t, good+"kratos: {selfservice: {methods: {passkey: {config: {rp: {id: example.net}}}}}}\n")
		wants(t, look(t, s, configuration()), Fault, "relying party id that the pages are under (got \"example.net\"")
	})
}
