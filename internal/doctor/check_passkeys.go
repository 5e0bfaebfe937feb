package doctor

import (
	"context"
	"net"
	"net/url"
	"strings"

	"golang.org/x/net/publicsuffix"

	"example.com/identityd/internal/config"
)

// passkeyDomain looks whether browsers accept the domain that passkeys and security keys are bound to
// (WebAuthn Level 3, section 5.1.3: the host of the page, or a registrable parent of it).
func passkeyDomain() Check {
	return Check{
		Area: SignIn, Name: "passkeys", Tells: "browsers accept the domain that passkeys are bound to",
		Words: []string{"origin", "urls", "login", "kratos.selfservice"},
		Run: func(_ context.Context, s *Subject) []Finding {
			if !s.Config.Login.WebAuthn() {
				return []Finding{Okf("nothing binds a key to a domain")}
			}
			var pages *public
			for _, p := range s.publics() {
				if p.name == "ui" {
					pages = &p
				}
			}
			if pages == nil {
				return []Finding{Skippedf("the address of the pages follows from a listener, and no identityd runs from data_dir")}
			}
			var out []Finding
			for _, rp := range s.Config.RelyingParties(pages.raw) {
				out = append(out, s.judgeParty(*pages, rp)...)
			}
			return out
		},
	}
}

func (s *Subject) judgeParty(pages public, rp config.RelyingParty) []Finding {
	host, id := strings.ToLower(pages.host()), strings.ToLower(rp.ID)
	word := pages.word
	cure := "remove kratos.selfservice.methods." + rp.Method + ".config.rp, so that it follows from " + pages.word
	if rp.Written {
		word = "kratos.selfservice.methods." + rp.Method + ".config.rp.id"
	}
	var out []Finding
	suffix, _ := publicsuffix.PublicSuffix(id)
	switch {
	case net.ParseIP(host) != nil:
		return []Finding{Faultf("%s: browsers make no keys for pages at an IP address (%s)", pages.word, host).
			Cured("give the pages a name, or set login.first.passkey.enabled and login.second.security_key.enabled to false")}
	case pages.url.Scheme != "https" && !isLocal(host):
		return []Finding{Faultf("%s: browsers make no keys for pages that are not encrypted (%s)", pages.word, pages.raw).Cured("write https://")}
	case host != id && !strings.HasSuffix(host, "."+id):
		out = append(out, Faultf("%s: keys are bound to %s, and the pages are at %s: no browser makes or uses one", word, id, host).Cured("%s", cure))
	case suffix == id && id != "localhost":
		out = append(out, Faultf("%s: keys are bound to %s, under which anybody can have a name: no browser makes one", word, id).Cured("%s", cure))
	}
	ours := pages.url.Scheme + "://" + pages.url.Host
	if len(rp.Origins) > 0 && !containsFold(rp.Origins, ours) {
		out = append(out, Faultf("kratos.selfservice.methods.%s.config.rp.origins: does not hold %s, where the pages are: every key is refused", rp.Method, ours).
			Cured("add it, or remove the list"))
	}
	for _, raw := range rp.Origins {
		u, err := url.Parse(raw)
		if err != nil || u.Hostname() == "" || u.Scheme == "android" {
			continue
		}
		if h := strings.ToLower(u.Hostname()); h != id && !strings.HasSuffix(h, "."+id) {
			out = append(out, Warningf("kratos.selfservice.methods.%s.config.rp.origins: %s is not under %s, so that no browser uses a key there", rp.Method, raw, id).
				Cured("remove it"))
		}
	}
	if out == nil {
		out = []Finding{Okf("%s: keys are bound to %s", rp.Method, id)}
	}
	return out
}

func containsFold(list []string, want string) bool {
	for _, one := range list {
		if strings.EqualFold(strings.TrimSuffix(one, "/"), want) {
			return true
		}
	}
	return false
}
