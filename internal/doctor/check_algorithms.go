package doctor

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net"
	"net/http"
	"strings"
)

// leastBits is what an RSA key has to have (RFC 7518, section 3.3).
const leastBits = 2048

// servedKey is a public key as applications get it.
type servedKey struct {
	ID        string `json:"kid"`
	Type      string `json:"kty"`
	Algorithm string `json:"alg"`
	Modulus   string `json:"n"`
}

// signingAlgorithms asks the running process, without the way through proxies, which keys applications get.
func signingAlgorithms() Check {
	return Check{
		Area: Secrets, Name: "algorithms", Tells: "tokens are signed by keys that nobody can work out", Words: []string{"listen", "tls"}, Needs: NeedsProcess,
		Run: func(ctx context.Context, s *Subject) []Finding {
			at := s.hydraListener()
			if at == "" {
				return []Finding{Skippedf("Hydra listens at a socket, or not at all")}
			}
			said, err := s.Net.ask(ctx, http.MethodGet, at+"/.well-known/jwks.json", nil)
			var set struct {
				Keys []servedKey `json:"keys"`
			}
			if err != nil || said.status != http.StatusOK || json.Unmarshal(said.body, &set) != nil {
				return []Finding{Skippedf("the process does not say")}
			}
			return judgeAlgorithms(set.Keys)
		},
	}
}

// hydraListener is where the running process serves Hydra's public API on this machine.
func (s *Subject) hydraListener() string {
	for _, name := range []string{"hydra_public", "gateway"} {
		host, port, err := net.SplitHostPort(s.Process.Listeners[name])
		if err != nil {
			continue
		}
		if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
			host = "localhost"
		}
		return s.schemeOf(name) + net.JoinHostPort(host, port)
	}
	return ""
}

func judgeAlgorithms(keys []servedKey) []Finding {
	if len(keys) == 0 {
		return []Finding{Faultf("applications get no key, and can verify no token").Cured("look for the signing keys above; identityd key rotate makes one")}
	}
	var (
		out  []Finding
		seen []string
	)
	for _, k := range keys {
		seen = append(seen, k.Algorithm)
		const cure = "run identityd key rotate"
		switch raw, err := base64.RawURLEncoding.DecodeString(k.Modulus); {
		case k.Algorithm == "none" || strings.HasPrefix(k.Algorithm, "HS"):
			out = append(out, Faultf("key %s: alg is %s, with which whoever verifies can sign", k.ID, k.Algorithm).Cured(cure))
		case k.Type == "RSA" && (err != nil || len(raw)*8 < leastBits):
			out = append(out, Faultf("key %s: has %d bits, want %d", k.ID, len(raw)*8, leastBits).Cured(cure))
		}
	}
	if out == nil {
		return []Finding{Okf("%s: %s", count(len(keys), "public key"), strings.Join(seen, ", "))}
	}
	return out
}
