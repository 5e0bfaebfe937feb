package doctor

import (
	"context"
	"net/url"
	"strings"

	"golang.org/x/net/publicsuffix"

	"example.com/identityd/internal/config"
)

// urlsAgree looks at what internal/config lets pass and what is seldom meant.
func urlsAgree() Check {
	return Check{
		Area: Addresses, Name: "urls", Tells: "the addresses, the cookie domain and the listeners agree",
		Words: []string{"origin", "urls", "return_to", "cors", "listen"},
		Run:   func(_ context.Context, s *Subject) []Finding { return s.judgeURLs() },
	}
}

func (s *Subject) judgeURLs() []Finding {
	var out []Finding
	list, production := s.publics(), s.Config.Profile == config.Production
	if len(list) == 0 {
		return []Finding{Skippedf("the addresses follow from listeners, and no identityd runs from data_dir")}
	}
	for _, p := range s.places() {
		switch {
		case production && p.local():
			out = append(out, Warningf("%s: %s is this machine, which nobody else can open", p.word, p.raw).
				Cured("write the address that browsers use, such as https://id.example.com"))
		case p.url.Scheme == "http" && !p.local():
			out = append(out, Faultf("%s: %s is not encrypted: whoever is on the way reads passwords and cookies", p.word, p.raw).
				Cured("write https://, with a certificate in tls or a proxy in front"))
		}
	}
	if domain, err := s.cookieDomain(list); err != nil {
		out = append(out, Faultf("urls.cookie_domain: %v", err).Cured("put the three addresses under one domain, or write origin for one"))
	} else if domain != "" && production {
		out = append(out, Okf("cookies go to every host below %s", domain))
	}
	return append(out, s.foreign(list)...)
}

func (s *Subject) cookieDomain(list []public) (string, error) {
	by := config.URLs{CookieDomain: s.Config.URLs.CookieDomain}
	for _, p := range list {
		switch p.word {
		case "urls.ui":
			by.UI = p.raw
		case "urls.hydra":
			by.Hydra = p.raw
		case "urls.kratos":
			by.Kratos = p.raw
		default:
			return "", nil // one host needs none
		}
	}
	return by.EffectiveCookieDomain()
}

// foreign lists return_to and cors.origins that lead to another domain than that of the pages: they may be
// meant, and whoever has that domain gets people, or calls with their cookies.
func (s *Subject) foreign(list []public) []Finding {
	own := map[string]bool{}
	for _, p := range list {
		own[registrable(p.host())] = true
	}
	var out []Finding
	for _, words := range []struct {
		word string
		list []string
	}{{"return_to", s.Config.ReturnTo}, {"cors.origins", s.Config.CORS.Origins}} {
		for _, raw := range words.list {
			u, err := url.Parse(strings.Replace(raw, "://*.", "://", 1))
			if err != nil || own[registrable(u.Hostname())] {
				continue
			}
			if isLocal(u.Hostname()) {
				if s.Config.Profile == config.Production {
					out = append(out, Warningf("%s: %s is the machine of whoever signs in", words.word, raw).Cured("remove it in production"))
				}
				continue
			}
			out = append(out, Okf("%s: %s is of another domain than the pages", words.word, raw))
		}
	}
	return out
}

// registrable is the domain that somebody has registered, or the host where there is none.
func registrable(host string) string {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if domain, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return domain
	}
	return host
}
