package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// URLs are the addresses a browser sees, as written; an empty one is derived from the bound listener. They stand in
// place of origin, need a common parent domain, since they share cookies, and are https in production.
//
//	urls:
//	  ui: https://id.example.com
//	  hydra: https://auth.example.com
//	  kratos: https://accounts.example.com
type URLs struct {
	// UI is where the pages are. Empty in development: http://localhost:<bound port>.
	UI string `yaml:"ui"`
	// Hydra is the issuer of every token, used to the letter, and where applications find OAuth2 and OpenID Connect.
	Hydra string `yaml:"hydra"`
	// Kratos is where the browser posts the forms of self-service, and where providers send people back to.
	Kratos string `yaml:"kratos"`
	// CookieDomain is shared by the cookies of the three, and by the applications of protect; empty: their
	// common registrable parent. Where the three are one origin it is that of the session's cookie alone.
	CookieDomain string `yaml:"cookie_domain"`
}

// EffectiveCookieDomain returns the domain cookies must carry so that all three addresses see them,
// and an empty one when all are on the same host. It wants complete URLs.
func (u URLs) EffectiveCookieDomain() (string, error) {
	var hosts []string
	for _, raw := range []string{u.UI, u.Hydra, u.Kratos} {
		if raw == "" {
			continue
		}
		parsed, err := url.Parse(raw)
		if err != nil {
			return "", fmt.Errorf("reading the host of %s: not a URL", quote(raw))
		}
		hosts = append(hosts, canonicalHost(parsed.Hostname()))
	}
	if u.CookieDomain != "" {
		return declaredCookieDomain(canonicalHost(u.CookieDomain), hosts)
	}
	return commonCookieDomain(hosts)
}

func canonicalHost(h string) string { return strings.ToLower(strings.Trim(h, ".")) }

func declaredCookieDomain(domain string, hosts []string) (string, error) {
	// Browsers drop a cookie for a public suffix, and with it every sign-in.
	if suffix, _ := publicsuffix.PublicSuffix(domain); suffix == domain || net.ParseIP(domain) != nil {
		return "", fmt.Errorf("must be a domain below a public suffix (got %s); browsers refuse cookies for it",
			quote(domain))
	}
	for _, h := range hosts {
		if !within(h, domain) {
			return "", fmt.Errorf("must be a parent of every address in urls (got %s, which %s is not under)",
				quote(domain), h)
		}
	}
	return domain, nil
}

func commonCookieDomain(hosts []string) (string, error) {
	if len(hosts) == 0 {
		return "", nil
	}
	common, same := hosts[0], true
	for _, h := range hosts[1:] {
		same = same && h == hosts[0]
		for common != "" && !within(h, common) {
			_, common, _ = strings.Cut(common, ".")
		}
	}
	if same {
		return "", nil
	}
	none := errors.New("must be set because " + strings.Join(hosts, ", ") +
		" have no registrable parent in common; put them under one domain, or all on one host")
	if common == "" || net.ParseIP(hosts[0]) != nil {
		return "", none
	}
	// The narrowest common parent, so that other sites of the domain never see these cookies.
	if _, err := publicsuffix.EffectiveTLDPlusOne(common); err != nil {
		return "", none
	}
	return common, nil
}

func within(host, domain string) bool {
	return host == domain || strings.HasSuffix(host, "."+domain)
}
