package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/outbound"
)

// providersAnswer asks the services of login.providers as the process does: through the policy of outbound.
func providersAnswer() Check {
	return Check{
		Area: SignIn, Name: "providers", Tells: "the services that people sign in with answer as themselves", Words: []string{"login", "outbound"}, Needs: NeedsNetwork,
		Run: func(ctx context.Context, s *Subject) []Finding {
			var out []Finding
			way := s.wayOut()
			for i, p := range s.Config.Login.Providers {
				word := fmt.Sprintf("login.providers[%d]", i)
				if p.ClientSecret.Empty() && p.Key().Empty() {
					out = append(out, Faultf("%s: %s has no secret", word, p.ID).Cured("set client_secret_file (for apple key_file)"))
				}
				if f := askProvider(ctx, way, word, p); f != nil {
					out = append(out, *f)
				}
			}
			return out
		},
	}
}

// callbacks says what has to be registered at each provider. Whether it is, only the provider knows.
func callbacks() Check {
	return Check{
		Area: SignIn, Name: "callbacks", Tells: "(prints what to register at the services that people sign in with)",
		Words: []string{"login.providers", "origin", "urls", "listen"},
		Run: func(_ context.Context, s *Subject) []Finding {
			var out []Finding
			for i, address := range s.Config.Callbacks() {
				p := s.Config.Login.Providers[i]
				if u, err := url.Parse(address); err != nil || u.Port() == "0" {
					out = append(out, Skippedf("login.providers[%d]: the address of %s is known once a port is (listen)", i, p.ID))
					continue
				}
				f := Okf("register at %s as a redirect address (%s): %s", p.Name, p.ID, address)
				f.Shown = true
				out = append(out, f)
			}
			return out
		},
	}
}

// breachService asks the service that knows passwords of breaches.
func breachService() Check {
	return Check{
		Area: SignIn, Name: "breaches", Tells: "the service that knows passwords of breaches answers", Words: []string{"login", "outbound"}, Needs: NeedsNetwork,
		Run: func(ctx context.Context, s *Subject) []Finding {
			p := s.Config.Login.First.Password
			if !p.Enabled || p.BreachCheck != config.BreachOnline {
				return []Finding{Okf("nobody is asked")}
			}
			// The range of a hash that begins with zeros, and of nobody's password in particular.
			_, err := get(ctx, s.wayOut(), "https://"+p.BreachHost+"/range/00000")
			if err == nil {
				return nil
			}
			f := refusedOr(err, "login.first.password.breach_host", p.BreachHost)
			f.Level = Warning // the list in the binary is used meanwhile
			return []Finding{f}
		},
	}
}

// wayOut is how the running process calls others.
func (s *Subject) wayOut() http.RoundTripper { return s.policy().Transport("doctor") }

func get(ctx context.Context, way http.RoundTripper, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	res, err := (&http.Client{Transport: way}).Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("it answers %d", res.StatusCode)
	}
	return io.ReadAll(io.LimitReader(res.Body, most))
}

// refusedOr tells a refusal of our own policy from a failure.
func refusedOr(err error, word, host string) Finding {
	var refused *outbound.Refused
	if errors.As(err, &refused) {
		return Faultf("%s: outbound does not let us call %s (%s)", word, host, refused.Kind).
			Cured("if it is meant, name %s in outbound.allow", host)
	}
	return Faultf("%s: %s does not answer: %s", word, host, unreached(err)).Cured("look at the network, the proxy of outbound.proxy, and the address")
}

func askProvider(ctx context.Context, way http.RoundTripper, word string, p config.Provider) *Finding {
	issuer := issuerOf(p)
	if issuer == "" {
		if _, err := get(ctx, way, "https://api.github.com/meta"); err != nil {
			f := refusedOr(err, word, "api.github.com")
			return &f
		}
		return nil
	}
	raw, err := get(ctx, way, strings.TrimRight(issuer, "/")+"/.well-known/openid-configuration")
	if err != nil {
		f := refusedOr(err, word+".issuer", issuer)
		return &f
	}
	var said struct {
		Issuer string `json:"issuer"`
	}
	if json.Unmarshal(raw, &said) != nil || said.Issuer == "" {
		f := Faultf("%s.issuer: what answers at %s is no issuer", word, issuer).Cured("write the issuer of %s to the letter", p.ID)
		return &f
	}
	// A common tenant of Microsoft's says {tenantid} there.
	if said.Issuer != issuer && !strings.Contains(said.Issuer, "{") && p.Preset != config.PresetMicrosoft {
		f := Faultf("%s.issuer: %s calls itself %s, so that nobody can sign in with it", word, issuer, said.Issuer).Cured("write %s", said.Issuer)
		return &f
	}
	return nil
}

// issuerOf is the issuer of a provider; empty for one without discovery.
func issuerOf(p config.Provider) string {
	switch {
	case p.Issuer != "":
		return p.Issuer
	case p.Preset == config.PresetGoogle:
		return "https://accounts.google.com"
	case p.Preset == config.PresetGitLab:
		return "https://gitlab.com"
	case p.Preset == config.PresetApple:
		return "https://appleid.apple.com"
	case p.Preset == config.PresetMicrosoft:
		tenant := p.Tenant
		if tenant == "" {
			tenant = "common"
		}
		return "https://login.microsoftonline.com/" + tenant + "/v2.0"
	}
	return ""
}
